"""A reader of SAIF 2.0 from its grammar (IEEE 1801, backward files), apart from our writer."""

from dataclasses import dataclass, field

from lark import Lark, Transformer

# Names as OpenSTA takes them: a letter or underscore first, then no character that it does not list.
GRAMMAR = r"""
file: "(" "SAIFILE" header+ instance ")"
?header: "(" "SAIFVERSION" STRING ")"
       | "(" "DIRECTION" STRING ")"
       | "(" "PROGRAM_NAME" STRING ")"
       | "(" "DIVIDER" ("/" | ".") ")"
       | "(" "TIMESCALE" INT UNIT ")" -> timescale
       | "(" "DURATION" INT ")" -> duration
instance: "(" "INSTANCE" NAME (nets | instance)* ")"
nets: "(" "NET" net+ ")"
net: "(" NAME state+ ")"
state: "(" STATE INT ")"
STATE: "T0" | "T1" | "TX" | "TZ" | "TB" | "TC" | "IG"
UNIT: "us" | "ns" | "ps" | "fs"
NAME: /[A-Za-z_]([\w$.]|\\[\[\]])*/
%import common.ESCAPED_STRING -> STRING
%import common.INT
%import common.WS
%ignore WS
"""


@dataclass
class Scope:
    """An instance: its nets, each with its states, and the instances within."""

    name: str
    nets: dict[str, dict[str, int]] = field(default_factory=dict)
    inside: dict[str, "Scope"] = field(default_factory=dict)


class _Reader(Transformer):
    def NAME(self, token):
        return token.replace("\\", "")

    def INT(self, token):
        return int(token)

    def state(self, parts):
        return str(parts[0]), parts[1]

    def net(self, parts):
        return parts[0], dict(parts[1:])

    def nets(self, parts):
        assert len(dict(parts)) == len(parts), "a net stands twice"
        return dict(parts)

    def instance(self, parts):
        name, *contents = parts
        scope = Scope(name)
        for one in contents:
            if isinstance(one, Scope):
                assert one.name not in scope.inside, "an instance stands twice"
                scope.inside[one.name] = one
            else:
                scope.nets |= one
        return scope

    def timescale(self, parts):
        return "timescale", (parts[0], str(parts[1]))

    def duration(self, parts):
        return "duration", parts[0]

    def file(self, parts):
        *header, top = parts
        return dict(pair for pair in header if isinstance(pair, tuple)), top


def read_saif(text: str) -> tuple[dict, Scope]:
    """Return the header and the top instance of a file; raise if it is no SAIF."""
    return _Reader().transform(Lark(GRAMMAR, start="file", parser="lalr").parse(text))
