"""``python -m sanjian.probe http://127.0.0.1:8000/health/live``: exit code 0 when the address answers 200. The health
check of our containers; it imports nothing of ours, because it runs every few seconds beside each process."""

from __future__ import annotations

import sys
import urllib.error
import urllib.request

#: Docker's own limit for the check is a little longer.
SECONDS = 4.0


def problem(url: str) -> str:
    """What is wrong with ``url``; empty when it answers 200."""
    try:
        with urllib.request.urlopen(url, timeout=SECONDS) as answer:
            return "" if answer.status == 200 else f"{url} answers {answer.status}"
    except urllib.error.HTTPError as error:
        with error:
            return f"{url} answers {error.code}"
    except (OSError, ValueError) as error:
        return f"{url} does not answer: {error}"


def main() -> int:
    """The exit code."""
    if len(sys.argv) != 2:
        print("python -m sanjian.probe URL", file=sys.stderr)
        return 2
    found = problem(sys.argv[1])
    if found:
        print(found, file=sys.stderr)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
