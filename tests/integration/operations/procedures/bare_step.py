"""A step's process that speaks the runner's language, and imports nothing so as to begin at once.

`python bare_step.py FILE`: what it does is a line in FILE. It takes a moment before and after.
"""

import json
import os
import signal
import sys
import threading
import time

_MOMENT_SECONDS = 0.04


def _end_with_the_runner() -> None:
    sys.stdin.read()
    os.killpg(0, signal.SIGKILL)


def main() -> None:
    """One step."""
    asked = sys.stdin.readline()
    if not asked:
        return
    threading.Thread(target=_end_with_the_runner, daemon=True).start()
    work, effect = json.loads(asked), ""
    fails = (work["action"], work["phase"]) == ("boom", "do")
    effects = os.open(sys.argv[1], os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600)
    if work["phase"] == "verify":
        done = f"do {work['action']}\n".encode() in os.pread(effects, 1 << 20, 0)
        answer: dict[str, object] = {"happened": "yes" if done else "no"}
    else:
        time.sleep(_MOMENT_SECONDS)
        effect = "" if fails else f"{work['phase']} {work['action']}\n"
        os.write(effects, effect.encode())
        time.sleep(_MOMENT_SECONDS)
        answer = {"summary": "Done.", "data": {}, "skipped": False}
    end: dict[str, object] = {"kind": "done", "answer": answer}
    end |= {"error": "", "remedy": "", "again": True}
    if fails:
        end |= {"kind": "failed", "answer": {}, "error": "It broke."}
    print(json.dumps({"line": {"kind": "line", "text": f"did {effect}", "data": {}}}), flush=True)
    print(json.dumps({"end": end}), flush=True)


if __name__ == "__main__":
    main()
