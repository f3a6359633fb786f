"""Which words have another tone between businesses than in VADER's lexicon of social media?

VADER rates words from -4 to 4. Here are ratings for words it does not know ("clunky"), or knows from another
life ("party", "share", "security"), and phrases that mean something else than their words ("fed up", "thanks in
advance"). Phrases are written as regular expressions over lower-case text; the intents (`text_intents`) have
ratings of their own.
"""

from __future__ import annotations

WORDS: dict[str, float] = {
    # it does not do what it should
    **dict.fromkeys(["bug", "bugs", "glitch", "glitches", "lags", "timeout", "timeouts", "hangs"], -1.5),
    **dict.fromkeys(["buggy", "glitchy", "laggy", "unstable", "flaky", "sluggish", "crashes", "crashed"], -2.2),
    **dict.fromkeys(["crashing", "freezes", "froze", "freezing", "unresponsive", "inaccurate"], -2.0),
    **dict.fromkeys(["unusable", "unreliable", "unacceptable", "unprofessional", "nonfunctional"], -2.7),
    **dict.fromkeys(["slow", "slower", "clunky", "cumbersome", "tedious", "outdated", "unintuitive"], -1.8),
    **dict.fromkeys(["complicated", "lacks", "lacking", "incomplete", "incompatible", "unsupported"], -1.4),
    **dict.fromkeys(["issue", "issues", "incident", "incidents", "workaround", "regression"], -1.0),
    **dict.fromkeys(["confusing", "unclear", "unresolved", "unanswered", "overdue", "delayed", "delays"], -1.5),
    # what follows from it
    **dict.fromkeys(["escalate", "escalated", "escalating", "escalation", "urgent", "urgently"], -1.3),
    **dict.fromkeys(["refund", "refunds", "refunded", "downgrade", "downgrading", "downgraded"], -1.4),
    **dict.fromkeys(["overcharged", "chargeback", "breach", "breached", "misled", "underwhelming"], -2.2),
    **dict.fromkeys(["blocker", "blockers", "showstopper", "dealbreaker", "setback"], -2.0),
    # it does
    **dict.fromkeys(["intuitive", "reliable", "seamless", "seamlessly", "robust", "flawless", "flawlessly"], 2.0),
    **dict.fromkeys(["fast", "faster", "quick", "quickly", "smooth", "smoothly", "snappy", "effortless"], 1.4),
    **dict.fromkeys(["renewed", "renewing", "upgraded", "upgrading", "onboard"], 0.8),
    # words of the trade, without a tone of their own
    **dict.fromkeys(["please", "dear", "support", "ticket", "help", "share", "shared", "shares", "sharing"], 0.0),
    **dict.fromkeys(["security", "secure", "credit", "credits", "interest", "party", "parties", "play"], 0.0),
    **dict.fromkeys(["agreement", "alert", "alerts", "active", "actively", "create", "created", "creates"], 0.0),
    **dict.fromkeys(["solution", "solutions", "champion", "true", "top", "pay", "cut", "lower", "gross"], 0.0),
    **dict.fromkeys(["admit", "demand", "warning", "warnings", "grant", "granted", "join", "chance"], 0.0),
    # these speak of an intent, or of something else such as a meeting
    **dict.fromkeys(["cancel", "cancels", "cancelled", "cancelling"], 0.0),
    **dict.fromkeys(["honestly", "honest", "holiday", "holidays", "vacation"], 0.0),
    **dict.fromkeys(["value", "values", "save", "saved", "saves", "free", "sure", "want", "engage"], 0.3),
    **dict.fromkeys(["kill", "kills", "killed", "die", "dies", "dead", "fire", "war", "stop", "drop"], -0.8),
    **dict.fromkeys(["thanks", "thank", "thx"], 0.8),
}
"""Ratings that are added to VADER's, or stand in for them."""

PHRASES: tuple[tuple[float, tuple[str, ...]], ...] = (
    (
        0.0,
        (
            r"(?:best|kind|warm|kindest|warmest) (?:regards|wishes)",
            r"all the best",
            r"(?:thanks|thank you|thx)(?: very much| so much| a lot)? in advance",
            r"(?:we|i) appreciate your (?:help|time|attention|assistance) (?:in|on|with) this",
            r"(?:i |we )?hope (?:you are|you're|all is|this \w+ finds you)(?: doing)? (?:well|fine|good)",
            r"(?:would|'d) like",
            r"feel free",
            r"free (?:trial|tier|plan|up|of charge)",
            r"(?:good|great) (?:morning|afternoon|evening|day)",
            r"third[- ]part(?:y|ies)",
            r"help ?desk|help (?:center|centre|page|article)",
            r"(?:no|any) (?:rush|worries|hurry)|not urgent|nothing special",
            r"like (?:this|that|these|those)",
        ),
    ),
    (
        -2.0,
        (
            r"(?:do|does|did|is|are|was|were|has|have)(?:n't| not) (?:really |even |actually )?work(?:ing|ed)?",
            r"(?:stopped|stops|quit) working",
            r"(?:will not|won't|doesn't|does not|cannot|can't) (?:load|open|start|connect|sync|export|import)",
            r"(?:can't|cannot|can not|could not|couldn't|unable to) (?:log ?in|sign in|access|use|reach)",
            r"(?:no|not a single|without any|without a) (?:response|reply|answer|feedback|update)s?",
            r"(?:never|haven't|have not|not) (?:heard|gotten|got) (?:anything )?back",
            r"(?:never|not) (?:answered|replied|responded|resolved|fixed|delivered)",
            r"still (?:waiting|not|no|open|unresolved|broken)",
            r"times? out|timed out|timing out",
            r"(?:hard|difficult|complicated|impossible) to (?:use|find|learn|set ?up|understand|configure)",
            r"(?:too|very|so|far too|way too) (?:slow|complex|complicated|long|late|many clicks)",
            r"(?:takes?|took|taking) (?:forever|ages|too long|way too long)",
            r"let (?:us|me) down",
            r"poor(?:ly)? (?:support|service|quality|documented|documentation|performance)",
            r"not (?:using|used|adopted|seeing (?:any |the |much )?(?:value|benefit|return))",
            r"(?:little|no|less|not (?:much|enough|any)|hardly any) (?:value|benefit|use)",
            r"(?:do|does|did|was|is)(?:n't| not)(?: do| deliver| keep| get| be)? what (?:we|i|you|was|were)",
            r"(?:do|can)(?:n't| not) find|nobody (?:helps|answers|responds|cares)",
            r"(?:losing|lost|wasted|wasting) (?:\w+ )?(?:hours|days|time)",
            r"hardly (?:use|uses|using|anyone)",
            r"👎",
        ),
    ),
    (
        -2.8,
        (
            r"fed up",
            r"last straw",
            r"losing (?:our |all )?(?:patience|trust|confidence|customers|money)",
            r"lost (?:our |all )?(?:patience|trust|confidence|customers|data)",
            r"waste of (?:\w+ )?(?:time|money|effort)",
            r"data loss",
        ),
    ),
    (
        2.0,
        (
            r"(?:easy|simple|straightforward) to (?:use|learn|set ?up|understand|navigate|configure)",
            r"works? (?:well|great|perfectly|flawlessly|as expected|fine|like a charm)",
            r"sav(?:es?|ed|ing) (?:us|me|our team|the team) (?:\w+ ){0,3}(?:time|hours|days|money)",
            r"(?:happy|glad|excited|plan(?:ning)?|going|want|ready) to (?:renew|expand|upgrade)",
            r"game[- ]changer",
            r"(?:top|first)[- ](?:notch|class|rate)",
            r"rock[- ]solid",
            r"big fans?",
            r"(?:no|zero|without(?: any)?) (?:issues?|problems?|complaints?|bugs|errors|trouble)",
            r"👍",
        ),
    ),
)
"""Phrases by rating; the first that matches at a place counts."""
