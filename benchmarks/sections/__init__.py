"""What is measured, in the order of the table."""

from __future__ import annotations

from benchmarks.sections import hostile, job, lines, memory, parsing, scaling, startup

__all__ = ["SECTIONS"]

SECTIONS = (
    parsing.DOCUMENTED,
    parsing.BARE,
    parsing.WRAPPERS,
    parsing.NESTED,
    job.BETWEEN,
    job.JOB,
    job.ANSWERS,
    job.TEXTS,
    lines.LINES,
    lines.GROWTH,
    memory.RETAINED,
    startup.IMPORT,
    scaling.RUNS,
    scaling.PARTS,
    scaling.QUESTIONS,
    hostile.HOSTILE,
    hostile.HOSTILE_MEMORY,
)
