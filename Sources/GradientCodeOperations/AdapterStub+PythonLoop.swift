extension AdapterStub {
    /// The part of a Python adapter that is the same for all: the protocol's lines, encodings and declarations.
    static var pythonLoop: String { pythonImports + pythonTables + pythonDeclarations + pythonValues + pythonService }

    private static let pythonImports = #"""
        import json
        import re
        import struct
        import sys
        import traceback
        from fractions import Fraction
        from math import gcd, isfinite

        if hasattr(sys, "set_int_max_str_digits"):
            sys.set_int_max_str_digits(1 << 17)  # exact numbers are longer than Python's default permits

        # The fields of every operation, question and answer. "name?" may be absent; [x] is a list, (x, None) is x or null,
        # {"a", "b"} is one of these strings, {str: x} an object with arbitrary keys.

        """#

    /// Refusals, sessions, and what a file declares.
    private static let pythonDeclarations = #"""


        class Refusal(Exception):
            """A question that has no answer: the kind is one of the protocol's, the reason is for people."""

            def __init__(self, kind, reason):
                super().__init__(reason)
                self.kind = kind
                self.reason = reason


        class Unsupported(Exception):
            """A question that this implementation does not answer; it is skipped and reported as such."""


        class Session:
            """The rounds of one session. A round, `set` or `restore` that is refused must leave the session as it was."""

            def round(self, **fields):
                raise Unsupported("round")

            def sample(self, **fields):
                """The outcome of a round that is not kept; to be overridden where a round changes the session."""
                return self.round(**fields)

            def set(self, step):
                raise Unsupported("set")

            def save(self):
                raise Unsupported("save")

            def restore(self, state):
                raise Unsupported("restore")


        FUNCTIONS = {}  # operation: its function
        SCHEMES = {}  # scheme: the class of its sessions
        DECLARED = {}  # operation, or scheme.round: its flags


        def answers(operation, *flags):
            """Declares the function that follows: the question's fields are its arguments, it returns the answer's fields."""

            def register(function):
                FUNCTIONS[operation] = function
                DECLARED[operation] = list(flags)
                return function

            return register


        def opens(scheme, *flags):
            """Declares the class that follows: its initialiser takes the fields of `open`, `round` those of a round."""

            def register(session):
                SCHEMES[scheme] = session
                DECLARED[scheme + ".round"] = list(flags)
                return session

            return register

        """#

    /// Commands and lines.
    private static let pythonService = #"""


        def sample_count(message):
            count = read(message.get("count"), "integer", "count")
            if not 1 <= count <= 65536:
                raise Refusal("invalidParameters", f"{count} samples; expected 1 to 65536")
            return count


        def output(message, sessions):
            """What a command answers, as JSON has it; `sessions` holds the open ones with their schemes, by number."""
            verb = message["cmd"]
            if verb == "run":
                name = read(message.get("operation"), "string", "operation")
                if name not in FUNCTIONS:
                    raise Unsupported(name)
                question, answer = OPERATIONS[name]
                return write(FUNCTIONS[name](**read(message.get("input"), question, "input")), answer)
            if verb == "open":
                scheme = read(message.get("scheme"), "string", "scheme")
                if scheme not in SCHEMES:
                    raise Unsupported(scheme)
                number = read(message.get("session"), "integer", "session")
                session = SCHEMES[scheme](**read(message.get("input"), SESSIONS[scheme][0], "input"))
                if number in sessions:
                    raise Refusal("invalidParameters", f"session {number} is open already")
                sessions[number] = (scheme, session)
                return {}
            if verb == "sample" and "session" not in message:
                name = read(message.get("operation"), "string", "operation")
                if "free" not in DECLARED.get(name, ()):
                    raise Unsupported(f"sample of {name}")
                question, answer = OPERATIONS[name]
                fields = read(message.get("input"), question, "input")
                return {"samples": [write(FUNCTIONS[name](**fields), answer) for _ in range(sample_count(message))]}
            if verb not in ("round", "sample", "set", "save", "restore", "close"):
                raise Unsupported(verb)
            number = read(message.get("session"), "integer", "session")
            if number not in sessions:
                raise Refusal("invalidParameters", f"session {number} is not open")
            scheme, session = sessions[number]
            if verb == "round":
                return write(session.round(**read(message.get("input"), SESSIONS[scheme][1], "input")), SESSIONS[scheme][2])
            if verb == "sample":
                fields = read(message.get("input"), SESSIONS[scheme][1], "input")
                return {
                    "samples": [
                        write(session.sample(**fields), SESSIONS[scheme][2]) for _ in range(sample_count(message))
                    ]
                }
            if verb == "set":
                step = read(message.get("input"), {"step": "f32"}, "input")["step"]
                if len(step) != 1:
                    raise Refusal("dimensionMismatch", f"a step is one binary32, found {len(step)}")
                if not isfinite(step[0]):
                    raise Refusal("nonFinite", "the step is not finite")
                if step[0] <= 0:
                    raise Refusal("invalidParameters", "the step is not positive")
                session.set(step[0])
            elif verb == "save":
                return {"state": session.save()}
            elif verb == "restore":
                session.restore(read(message.get("input"), {"state": "string"}, "input")["state"])
            else:
                del sessions[number]
            return {}


        def reply(message, sessions):
            """The reply to a command. A defect of this program is reported as such: it is never taken for a refusal."""
            try:
                return {"output": output(message, sessions)}
            except Refusal as refusal:
                return {"reject": refusal.kind, "reason": refusal.reason}
            except Unsupported as unsupported:
                return {"unsupported": str(unsupported) or message.get("operation") or message["cmd"]}
            except Exception as error:
                traceback.print_exc()
                return {"failed": f"{type(error).__name__}: {error}"}


        def serve(name, version, **conventions):
            """Answers the lines of standard input, in order, until `stop` or the end of the input."""
            replies, sys.stdout = sys.stdout, sys.stderr  # what functions print must not stand between the replies
            declaration = {
                "version": 1,
                "implementation": {"name": name, "version": version, "language": "python"},
                "operations": DECLARED,
                "conventions": conventions,
            }
            sessions = {}
            for line in sys.stdin.buffer:
                try:
                    message = json.loads(line)
                    if message["cmd"] == "stop":
                        return
                    is_start = message["cmd"] == "start"
                    seq = None if is_start else read(message["seq"], "integer", "seq")
                except (ValueError, TypeError, KeyError, RecursionError, Refusal) as error:
                    print(f"not a line of the protocol: {error!r}", file=sys.stderr)
                    found = re.search(rb'"seq" *: *([0-9]{1,15})\b', line)
                    if not found:
                        continue
                    answer = {"seq": int(found[1]), "reject": "invalidParameters", "reason": "the line cannot be read"}
                else:
                    answer = declaration if is_start else {"seq": seq, **reply(message, sessions)}
                replies.write(json.dumps(answer, separators=(",", ":")) + "\n")
                replies.flush()  # at once: the clock of the next question starts when this reply arrives

        """#
}
