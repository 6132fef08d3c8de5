"""Does an answer count once, with one reply, when the network loses replies after the commit?

Students answer through a proxy that loses requests and replies: dropped, reset, cut in the middle.
They repeat what was not acknowledged. Every reply that the server ever gave to an answer must be
the same bytes, the database must hold one row an answer, and the reply in it must be the one that
arrived in the end.

Usage: make prove-lost-replies, or python -m benchmarks.lost_replies --help
"""

import sys
import time
from argparse import ArgumentParser, Namespace
from datetime import UTC, datetime

from benchmarks.faults.demo import Demo, temporary_demo
from benchmarks.faults.load import LARGEST_CLASS, Load
from benchmarks.faults.proxy import lossy_proxy
from benchmarks.faults.record import losses, read_database, unpromised
from benchmarks.faults.students import Complaint

LONGEST_REPORT = 20


def prove(demo: Demo, arguments: Namespace) -> list[str]:
    """What was lost, doubled or contradicted; empty when the promise holds."""
    print(f"make demo answers after {demo.start():.1f} s", flush=True)
    begun, lost = datetime.now(UTC), []
    with lossy_proxy(demo.port, arguments.loss, arguments.seed) as proxy:
        load = Load(demo, proxy.port, arguments.students, arguments.seed)
        try:
            with load.answering():
                time.sleep(arguments.seconds)
        except Complaint:
            lost += load.complaints()
    promised, repeated = load.promised(), proxy.repeated()
    held = read_database(demo.database_url, begun)
    contradictions = [f"different replies: {set(said)}" for said in repeated if len(set(said)) > 1]
    fates = ", ".join(f"{count} {fate}" for fate, count in proxy.fates.most_common())
    print(
        f"{sum(proxy.fates.values())} requests: {fates}\n"
        f"{len(promised)} answers of {len({p.session for p in promised})} sessions acknowledged, "
        f"{len(held.replies)} in the database; {len(repeated)} answers reached the server more "
        f"than once ({sum(map(len, repeated))} times): {len(contradictions)} got different replies"
    )
    return lost + losses(promised, held) + unpromised(promised, held) + contradictions


def options() -> Namespace:
    parser = ArgumentParser(prog="python -m benchmarks.lost_replies")
    parser.add_argument("--seconds", type=float, default=20)
    parser.add_argument("--loss", type=float, default=0.4, help="probability of each request")
    parser.add_argument("--students", type=int, default=8, choices=range(1, LARGEST_CLASS + 1))
    parser.add_argument("--seed", type=int, default=1)
    return parser.parse_args()


def main() -> None:
    arguments = options()
    with temporary_demo() as demo:
        lost = prove(demo, arguments)
        for sentence in lost[:LONGEST_REPORT]:
            print(sentence)
        print(f"{len(lost)} losses: answers lost, doubled or contradicted, complaints")
        if lost:
            sys.exit("The promise is broken.")


if __name__ == "__main__":
    main()
