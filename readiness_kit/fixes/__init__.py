"""Fixes: from the checks that failed to one plan and one patch for this cluster, proved by judging again.

catalogue/   the fixes as data          parameters/  what this cluster puts into them, measured or asked for
advise.py    the fixes of an assessment  chart_values/ what the official chart renders for a values fragment
plan.py      waves with projections      proof.py     the verdicts after the change

Nothing here changes a cluster; every function is pure.
"""
