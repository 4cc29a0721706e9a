"""The chapters of the report: each module prepares the data of one template in `templates/readiness/chapters/`.

A chapter is empty where it does not apply.
"""
