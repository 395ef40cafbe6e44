"""Nothing but the gate can make a phone ring: who may hold the key of an initial INVITE, and who may turn it.

The way of an INVITE is one chain: the commit journal makes a DialPermit for a reservation that is on disk (the registrar a
StationPermit for a registered phone), a UacCall is built from a permit only, and only a UacCall sends an INVITE outside a
dialog. Each link is a rule below: what it looks like in the text and which files may contain it. The compiler holds the
private constructors; this holds the friends, the makers and the ways around them.
"""
import re

PERMITS = "core/call/dial_permit.hpp"
CALL = "sip/uac_call.hpp"
STACK = "sip/stack.hpp"

# (pattern, files or folders that may contain it, what it would be elsewhere)
LINKS = [
    (r"\bDialPermit\s*[({]", [PERMITS, "core/case/journal.hpp"], "only the journal makes a DialPermit"),
    (r"\bStationPermit\s*[({]", [PERMITS, "sip/registrar.cpp"], "only the registrar makes a StationPermit"),
    (r"\bmake_permit\s*\(", ["core/case/journal.hpp", "storage/embedded_journal.cpp", "cluster/"],
     "only a journal makes a permit, after its commit"),
    (r"\bCommitRequest::Reservation\b",
     ["core/case/journal.hpp", "actors/case_actor.hpp", "actors/case_actor.cpp", "storage/embedded_journal.hpp", "storage/storage_actor.cpp"],
     "a permit is asked for by a case behind the gate, or by a trunk test"),
    # The shared history passes commits on to the cluster's journal and makes none: the rule of make_permit holds for it.
    (r":\s*(public\s+|private\s+|protected\s+|virtual\s+)*Journal\b[^:]", ["storage/embedded_journal.hpp", "app/shared_history.hpp", "cluster/"],
     "a new journal could make permits"),
    (r"\bdesk_?(\(\))?(\.|->)put\s*\(", ["storage/embedded_journal.cpp", "cluster/"], "only a journal lays a permit on the desk"),
    (r"_cast\s*<[^;]*Permit", [], "a permit is not cast from anything"),
    (r"#\s*define\s+(private|protected|friend)\b", [], "access is not redefined"),
    (r"\bUacCall\s*>\s*\(|(?<!~)\bUacCall\s*\(", [CALL, "sip/uac_call.cpp", "sip/trunk.cpp", "sip/agent_edge.cpp"],
     "outgoing calls are built by the trunk and the agents' edge"),
    (r"\bmethod_invite\b", ["sip/nta_calls.hpp", "sip/uac_call.cpp", "sip/call_offer.cpp"],
     "an INVITE is sent by UacCall, and inside a dialog by the offer"),
    (r"\bSIP_METHOD_INVITE\b", [], "an INVITE is sent by UacCall only"),
    (r"\bnta_outgoing_\w*(create|prack|cancel)\w*\s*\(", ["sip/nta_calls.cpp"], "requests are made in one place"),
    (r"\bnua_\w+\s*\(|\btport_t?send\w*\s*\(|\bnta_msg_tsend\s*\(", [], "Sofia's other doors stay shut"),
    (r'"INVITE\s+(sips?|tel):', [], "nobody writes an INVITE by hand"),
]


def code_of(text):
    """The text without comments; line numbers stay."""
    text = re.sub(r"/\*.*?\*/", lambda m: "\n" * m.group().count("\n"), text, flags=re.S)
    return "\n".join(re.sub(r'(^|[^:"])//.*', r"\1", line) for line in text.split("\n"))


def is_among(path, places):
    return any(path == place or (place.endswith("/") and path.startswith(place)) for place in places)


def offences_of_links(path, text):
    code = code_of(text)
    found = []
    for pattern, places, why in LINKS:
        if not is_among(path, places):
            found += [(code.count("\n", 0, match.start()) + 1, why) for match in re.finditer(pattern, code)]
    return found


def class_body(code, name):
    match = re.search(rf"class {name}\b[^;{{]*\{{(.*?)\n\}};", code, flags=re.S)
    return match.group(1) if match else ""


def offences_of_permits(text):
    """The permits themselves: one friend each, private maker, no copy."""
    code, found = code_of(text), []
    for name, friend in (("DialPermit", "Journal"), ("StationPermit", "Registrar")):
        body = class_body(code, name)
        if re.findall(r"\bfriend\s+([^;]+);", body) != [f"class {friend}"]:
            found.append((1, f"{name} has one friend: class {friend}"))
        public = body.split("private:")[0]
        makers = [m for m in re.findall(rf"(?<!~)\b{name}\s*\(([^)]*)\)", public) if not re.fullmatch(rf"(const )?{name}&&?", m)]
        if makers:
            found.append((1, f"the constructor of {name} is private"))
        for copy in (f"{name}(const {name}&) = delete;", f"operator=(const {name}&) = delete;"):
            if copy not in body:
                found.append((1, f"{name} cannot be copied"))
    return found


def offences_of_call(text):
    makers = re.findall(r"(?<!~)\bUacCall\(([^)]*)\)", class_body(code_of(text), "UacCall"))
    if makers and all(re.search(r"\b(DialPermit|StationPermit) \w+$", maker) for maker in makers):
        return []
    return [(1, "every constructor of UacCall spends a permit")]


def offences_of_stack(text):
    if re.search(r"\bplace_trunk_call\(DialPermit \w+,", code_of(text)):
        return []
    return [(1, "place_trunk_call takes a DialPermit by value")]


SHAPES = {PERMITS: offences_of_permits, CALL: offences_of_call, STACK: offences_of_stack}


def offences(path, text):
    found = offences_of_links(path, text)
    return found + SHAPES[path](text) if path in SHAPES else found
