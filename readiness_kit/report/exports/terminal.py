"""An assessment for a terminal or a CI log: what matters first, in lines that the command line wraps and colours.

Without `verbose`: Weaviate's state, the verdict, the sections, blockers with their reason and first step, advisories.
With it also every other question that is not met, and all values that failed.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from readiness_kit.labels import (
    APPLICABILITY_SIGNS,
    APPLICABILITY_WORDS,
    LEVEL_SIGNS,
    LEVEL_WORDS,
    RUNNING_NOTES,
    SCORE_EXPLAINED,
    SECTION_TITLES,
    SEVERITY_WORDS,
    STATE_SIGNS,
    advisory_text,
    by_state,
    count,
    percent,
    running_lines,
    score_range,
    state_count,
)
from readiness_kit.markup import first_sentences, limited, one_line, ref_text
from readiness_kit.model import AdvisoryMatch, Applicability, Assessment, Level, Observation, Score, State, Verdict
from readiness_kit.report.reasons import reason

MAX_FACTS = 6
BAR = 20
"""Characters of a section's bar: full for what is proven, light for what is possible."""
STEP_LENGTH = 160
GOOD, POOR, BAD, FAINT, STRONG = "good", "poor", "bad", "faint", "strong"
"""The styles of a part; the command line maps them to colours. Meaning is always in words and signs too."""

LEVEL_STYLES = {
    Level.READY: GOOD,
    Level.READY_WITH_RISKS: POOR,
    Level.NOT_ENOUGH_KNOWN: POOR,
    Level.NOT_READY: BAD,
}
_STATE_STYLES = {
    State.GAP: BAD,
    State.CONTRADICTED: BAD,
    State.PARTLY: POOR,
    State.ACCEPTED: POOR,
    State.ATTESTED: GOOD,
    State.VERIFIED: GOOD,
}


class Line(NamedTuple):
    """One line: styled parts, `indent` spaces before it, and `hang` more before the lines that it wraps into."""

    parts: tuple[tuple[str, str], ...] = ()
    indent: int = 0
    hang: int = 0

    @property
    def plain(self) -> str:
        """The line without styles."""
        return " " * self.indent + "".join(text for text, _ in self.parts) if self.parts else ""


def line(text: str, style: str = "", *, indent: int = 0, hang: int = 0) -> Line:
    """A line of one part."""
    return Line(((text, style),), indent, hang)


def as_text(assessment: Assessment) -> str:
    """All lines, unwrapped and without styles."""
    return "\n".join(each.plain for each in as_lines(assessment, verbose=True))


def as_lines(assessment: Assessment, about: str = "", *, verbose: bool = False) -> list[Line]:
    """The whole output; `about` names Weaviate, its version and the cluster."""
    gaps = _gaps(assessment)
    shown = gaps if verbose else [verdict for verdict in gaps if verdict.blocker]
    parts: list[Line] = [
        *_running(assessment, verbose),
        *verdict_lines(assessment, about),
        Line(),
        *_sections(assessment),
        Line(),
    ]
    if verbose:
        for title, verdicts in (
            ("Open", _in_state(assessment, State.OPEN)),
            ("Partly", _in_state(assessment, State.PARTLY)),
            ("The cluster shows more than the answer claims", list(assessment.disagreements)),
        ):
            parts += _block(title, verdicts, verbose)
    parts += _block("Gaps" if verbose else "Blockers", shown, verbose)
    parts += _advisories(assessment, verbose)
    parts += [line(f"Note: {one_line(text)}", hang=2) for text in assessment.waiver_audit]
    return [*parts, *_closing(assessment, verbose)]


def verdict_lines(assessment: Assessment, about: str = "") -> list[Line]:
    """Level with score range and coverage; then what was judged. The explanation of the level follows where short."""
    total = assessment.total
    head = f"{LEVEL_SIGNS[assessment.level]} {LEVEL_WORDS[assessment.level]}"
    figures = f"{score_range(total)}, {percent(total.coverage)} of {count(total.applicable, 'question')} judged"
    lines = [Line(((head, LEVEL_STYLES[assessment.level]), (f"   {figures}", STRONG)), hang=2)]
    if about:
        lines.append(line(one_line(about), indent=2, hang=2))
    lines.append(line(one_line(assessment.level_why), indent=2, hang=2))
    return lines


def verdict_text(assessment: Assessment, about: str = "") -> list[Line]:
    """The verdict alone, with the explanation of its figures and the number of verdicts in each state."""
    states = ", ".join(state_count(state, number) for state, number in by_state(assessment.total.counts))
    return [*verdict_lines(assessment, about), line(states, indent=2, hang=2),
            line(SCORE_EXPLAINED, FAINT, indent=2, hang=2)]  # fmt: skip


def _running(assessment: Assessment, verbose: bool) -> Iterator[Line]:
    title, sentences = running_lines(assessment.running)
    notes = title == RUNNING_NOTES
    if title and (verbose or not notes):
        yield line(title, STRONG if notes else BAD)
        yield from (line(one_line(sentence), indent=2, hang=2) for sentence in sentences)
        yield Line()


def _sections(assessment: Assessment) -> Iterator[Line]:
    width = max((len(SECTION_TITLES[section]) for section in assessment.sections), default=0)
    for section, score in assessment.sections.items():
        blockers = sum(verdict.question.section is section for verdict in assessment.blockers)
        words = f"{percent(score.proven):>6} – {percent(score.possible):<6}"
        after = f"{count(blockers, 'blocker')}" if blockers else ""
        yield Line(
            (
                (f"{SECTION_TITLES[section]:<{width}}  ", ""),
                (_bar(score), BAD if blockers else GOOD),
                (words, STRONG),
                (after, BAD),
            )
        )


def _bar(score: Score) -> str:
    proven = round(float(score.proven) * BAR)
    possible = max(proven, round(float(score.possible) * BAR))
    return "█" * proven + "▒" * (possible - proven) + "·" * (BAR - possible)


def _gaps(assessment: Assessment) -> list[Verdict]:
    order = {verdict.question.id: position for position, verdict in enumerate(assessment.blockers)}
    return sorted(
        _in_state(assessment, State.GAP, State.CONTRADICTED),
        key=lambda verdict: order.get(verdict.question.id, len(order)),
    )


def _in_state(assessment: Assessment, *states: State) -> list[Verdict]:
    return [verdict for verdict in assessment.verdicts if verdict.state in states]


def _block(title: str, verdicts: list[Verdict], verbose: bool) -> Iterator[Line]:
    if not verdicts:
        return
    yield line(f"{title} ({len(verdicts)})", STRONG)
    for verdict in verdicts:
        yield _heading(verdict)
        if verdict.state is State.OPEN:
            continue
        yield line(one_line(reason(verdict)), indent=7)
        if verbose:
            yield from _facts(verdict)
        elif step := first_step(verdict):
            yield Line((("First: ", STRONG), (step, "")), 7, 7)
    yield Line()


def _heading(verdict: Verdict) -> Line:
    question = verdict.question
    severity = SEVERITY_WORDS[verdict.severity].lower()
    answered = ", you answered yes" if verdict.state is State.CONTRADICTED else ""
    return Line(
        (
            (f"{STATE_SIGNS[verdict.state]} ", _STATE_STYLES.get(verdict.state, "")),
            (f"{question.number:<4} {one_line(question.short)}", STRONG),
            (f"  [{severity}{answered}]", FAINT),
        ),
        hang=7,
    )


def first_step(verdict: Verdict) -> str:
    """What to do first about a gap, in a sentence or two: the remedy as it is fitted to this cluster."""
    return one_line(first_sentences(verdict.question.remedy.text, STEP_LENGTH))


def _facts(verdict: Verdict) -> Iterator[Line]:
    failed = [fact for fact in verdict.finding.facts if fact.ok is False] if verdict.finding else []
    for fact in failed[:MAX_FACTS]:
        yield line(f"- {_fact(fact)}", FAINT, indent=7, hang=2)
    if len(failed) > MAX_FACTS:
        yield line(f"- and {len(failed) - MAX_FACTS} more", FAINT, indent=7, hang=2)


def _fact(fact: Observation) -> str:
    expected = f" (expected: {one_line(fact.expected)})" if fact.expected else ""
    return f"{one_line(ref_text(fact.ref))}: {one_line(fact.field)} = {one_line(limited(fact.seen, 160))}{expected}"


def _advisories(assessment: Assessment, verbose: bool) -> Iterator[Line]:
    """What is known of the running versions: what applies, and with `verbose` also what may apply and the details."""
    found = [row for row in assessment.advisories if verbose or row.applicability is Applicability.APPLIES]
    if assessment.advisories:
        yield line(f"Known faults and support ({len(assessment.advisories)})", STRONG)
        for row in found:
            yield from _advisory(row, verbose)
        if left := len(assessment.advisories) - len(found):
            yield (
                line(f"{count(left, 'more')} may apply", FAINT, indent=2)
                if left == 1
                else line(f"{left} more may apply", FAINT, indent=2)
            )
        yield Line()


def _advisory(row: AdvisoryMatch, verbose: bool) -> Iterable[Line]:
    severity, word = SEVERITY_WORDS[row.severity].lower(), APPLICABILITY_WORDS[row.applicability].lower()
    yield Line(
        (
            (f"{APPLICABILITY_SIGNS[row.applicability]} ", BAD if word == "applies" else POOR),
            (f"{row.id}  {one_line(row.title)}", STRONG),
            (f"  [{severity}, {word}]", FAINT),
        ),
        hang=7,
    )
    if verbose:
        yield line(one_line(advisory_text(row)), indent=7)
    elif row.fixed_in:
        yield line(f"Fixed in {row.fixed_in}", indent=7)


def _closing(assessment: Assessment, verbose: bool) -> Iterator[Line]:
    states = ", ".join(state_count(state, number) for state, number in by_state(assessment.total.counts))
    level = f"{LEVEL_SIGNS[assessment.level]} {LEVEL_WORDS[assessment.level]}"
    yield Line(((level, LEVEL_STYLES[assessment.level]), (f"   {states}", "")), hang=2)
    if not verbose:
        first = next((verdict.question.number for verdict in assessment.blockers), "Q1")
        yield line(f"More: readiness explain {first}; readiness assess -v; readiness report", FAINT, hang=6)
