"""Measures parsing against `json.loads` and other parsers: ``python benchmarks``."""

import sys
from pathlib import Path

# Run as a folder, this is no package yet.
sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

if __name__ == "__main__":
    from benchmarks.cli import main

    sys.exit(main())
