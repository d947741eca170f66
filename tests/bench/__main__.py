"""`make bench`: three ratios measured in one run, medians of interleaved rounds. A benchmark, not a timed test.

1. create over HTTP through the edge ÷ pgbench running the same statement;
2. create through the edge ÷ create against the service itself;
3. border commit → commit, sealed, and until the signed receipt is back: p50 and p99.
"""

import asyncio
import json
import shutil
import statistics
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.bench import border, ceiling, creates
from tests.support.installation import running_installation

PORT = 18900
ROUNDS = 5


def main() -> None:
    if shutil.which("wrk") is None:
        sys.exit("bench needs wrk to make load: apt-get install wrk")
    with TemporaryDirectory() as folder, running_installation("kz,uz", PORT) as installation:
        subject = asyncio.run(creates.prepare(installation))
        rounds = []
        for number in range(ROUNDS):
            with ceiling.relay_held(installation):
                database = ceiling.measure(installation, subject, Path(folder))
                direct = creates.load(subject, subject.direct, Path(folder))
                edge = creates.load(subject, subject.edge, Path(folder))
            rounds.append({"ceiling": database, "direct": direct, "edge": edge})
            sys.stdout.write(
                f"round {number + 1}: " + ", ".join(f"{k} {v:,.0f}/s" for k, v in rounds[-1].items()) + "\n"
            )
            sys.stdout.flush()
        result = _ratios(rounds) | {"border": asyncio.run(border.measure(installation))}
    sys.stdout.write(json.dumps(result, indent=1) + "\n")


def _ratios(rounds: list[dict[str, float]]) -> dict[str, object]:
    drift = max(one["ceiling"] for one in rounds) / min(one["ceiling"] for one in rounds) - 1
    return {
        "edge_to_ceiling": round(statistics.median(one["edge"] / one["ceiling"] for one in rounds), 3),
        "direct_to_ceiling": round(statistics.median(one["direct"] / one["ceiling"] for one in rounds), 3),
        "edge_to_direct": round(statistics.median(one["edge"] / one["direct"] for one in rounds), 3),
        "ceiling_drift": round(drift, 2),
        "quiet": drift <= 0.15,
    }


if __name__ == "__main__":
    main()
