"""In which words do customers, and notes about them, speak of what makes accounts leave?

Regular expressions over lower-case text, a few words each, listed by intent. ``<name>`` stands for one of `PARTS`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

PARTS: Mapping[str, str] = {
    "our": r"(?:the|our|my|this|your|that|all|any|a|an|their|his|her)",
    "contract": (
        r"(?:contract|subscription|agreement|licen[cs]es?|account|services?|partnership|relationship|plan)"
    ),
    "product": (
        r"(?:products?|services?|tools?|platforms?|software|systems?|app|application|solutions?|subscription)"
    ),
    "supplier": (
        r"(?:vendors?|providers?|suppliers?|solutions?|tools?|products?|platforms?|systems?|software|partners?)"
    ),
    "other": (
        r"(?:another|a different|a new|a cheaper|a better|an alternative|some other|other|different|cheaper|"
        r"better)"
    ),
    "appointment": (
        r"(?:meetings?|calls?|appointments?|demos?|sessions?|invites?|invitations?|events?|bookings?|webinars?|"
        r"trainings?|jobs?|exports?|imports?|requests?|orders?|button|dialog|uploads?|downloads?|quer(?:y|ies)|"
        r"reservations?|flights?|visits?|workshops?|sync|catch-up|check-in|standups?|runs?)"
    ),
    "unable": r"(?:can't|cannot|can not|can no longer|couldn't|could not|unable to|not able to)",
    "planning": (
        r"(?:be |going to |plan(?:ning)? (?:to|on) |want(?:ing)? to |wish to |intend(?:ing)? to |like to |"
        r"be able to )*"
    ),
    "price": r"(?:pric(?:e|es|ing)|fees?|costs?|bill|quote)",
    "system": (
        r"(?:site|system|platform|app|application|services?|servers?|api|dashboard|portal|product|everything|"
        r"it|you|"
        r"website|login|integration|instance|environment|production|prod|tool|software|crm|database)"
    ),
    "champion": (
        r"(?:champion|sponsor|main contact|primary contact|key contact|contact person|point of contact|main user|"
        r"power user|key user|admin|administrator|project (?:lead|manager|owner)|product owner|head of \w+|"
        r"(?:c[teifmo]o|vp|director|(?<!account )(?<!success )manager|team lead|owner|buyer|advocate)(?: of \w+)?|"
        r"(?:person|colleague|one|guy|woman|man) who \w+ (?:you|it|this|the \w+)(?: in)?)"
    ),
    "company": r"(?:company|organi[sz]ation|firm|business)",
    "thing": (
        r"(?: (?:an?|some|it|his|her|their|us an?|over|behind|off|side|menu|panel|feedback|notes?|to|"
        r"(?:in|on) (?:the|our|my|your|this))\b)"
    ),
}
"""Groups of words that several patterns share."""

PATTERNS: Mapping[str, tuple[str, ...]] = {
    "cancel": (
        # who is unable to cancel wants to, so that word belongs to the mention and does not deny it
        r"(?:<unable> (?:even |just )?)?(?<!noise )(?<!noise-)cancel"
        r"(?!(?:s|led|ed|ling|ing)?[ -](?:<our> |next |last |scheduled |today's |tomorrow's |"
        r"\w+day(?:'s)? )*<appointment>\b)"
        r"(?:s|led|ed|ling|ing|lations?|ations?)?\b",
        r"(?:not|\w+n't|never) (?:to )?<planning>(?:renew(?:ing|ed)?|prolong(?:ing)?)\b",
        r"(?:not|\w+n't|never) (?:to )?<planning>extend(?:ing)? (?:the|our) <contract>",
        r"(?:not|\w+n't|never) (?:to )?<planning>continu(?:e|ing) (?:with|our|the|using|to use|beyond|after)\b",
        r"non[- ]renewal|part ways|notice period",
        r"no longer (?:need|want|wish|require|use|using|interested|be using|be needing|continue)\b",
        r"stop(?:ped|ping)? (?:using|paying (?:for )?|working with) (?:you\b|it\b|(?:<our> )?<product>\b)",
        r"(?:mov(?:e|es|ing)|switch(?:es|ing)?|migrat(?:e|es|ing)) (?:away from|off(?: of)?) (?:your?\b|this|"
        r"the <product>)",
        r"walk(?:s|ing)? away\b|jump(?:s|ing)? ship|pull(?:s|ing)? the plug|wants? out\b",
        r"(?:risk of|likely to|may|might|could|will|would|going to|about to|threaten\w* (?:to|with)) "
        r"(?:churn(?:ing)?\b|leav(?:e|ing)(?: us)?(?=[.,;!?]|$| for | if | when | because | unless | soon))",
        r"leav(?:e|ing) (?:you\b|your (?:<product>|company)|for (?:another|a competitor))",
        r"(?:end|ending|exit|exiting|quit|quitting|get(?:ting)? out of) (?:the|our|this|my) <contract>",
        r"terminat(?:e|es|ed|ing|ion)(?: of)? (?:the |our |this |my |all )?<contract>",
        r"(?<!employee )termination\b",
        r"(?:clos|delet|deactivat)(?:e|ing) (?:the|our|my|this) (?:company )?"
        r"(?:account|subscription|workspace|tenant|instance)",
        r"(?:turn(?:ing)? off|switch(?:ing)? off|disabl(?:e|ing)) (?:the )?auto[- ]?renew\w*",
        r"let(?:ting)? (?:it|(?:the|our|this|my) <contract>) (?:expire|lapse|run out)",
        r"giv(?:e|ing) (?:you )?notice|discontinu(?:e|ing) (?:the|our|this|using|your)",
        r"opt(?:ing)? out of (?:the |our )?renewal|unsubscribe (?:us|our account)",
    ),
    "competitor": (
        r"competitors?\b|your rivals?\b|competing (?:<supplier>|offers?|quotes?)",
        r"(?:another|other|different|alternative) (?:vendor|provider|supplier)s?\b",
        r"alternatives? (?:to your?\b|to this|<supplier>)",
        r"(?:looking (?:at|for|into)|(?:evaluat|explor|consider|compar|assess|research|review|test|trial|"
        r"pilot|shortlist)"
        r"\w*|found) (?:\w+ ){0,2}(?:alternatives?\b|<other> <supplier>)",
        r"(?:switch|mov|migrat|go|chose|select|sign)(?:e|es|en|ed|s|ing|ne)? (?:over |away |on )?(?:to |with |"
        r"for )?"
        r"<other> <supplier>",
        r"(?:compared|comparing|comparison) (?:to|with) <other> <supplier>",
        r"shop(?:ping)? around|(?:issu|runn)\w+ an? rfp|(?:quote|offer|proposal|demo) from (?:another|"
        r"a different)",
        r"replac(?:e|ing) (?:you|your <product>) (?:with|by)",
    ),
    "price": (
        r"(?<!less )(?<!least )(?:over ?priced|pricey|expensive|unaffordable|overcharg(?:ed|ing))\b",
        r"too (?:costly|much money|steep)|(?:costs? (?:us )?|pay(?:ing)? )too much|costs? (?:us )?a fortune",
        r"<price> (?:increases?|hikes?|rises?|jumps?|raise)\b",
        r"(?:<price>|renewal) (?:\w+ ){0,3}(?:(?:too|so|very) high|steep|go(?:es|ne|ing)? up|went up|doubl\w+|"
        r"tripl\w+|"
        r"unfair|unreasonable|ridiculous|outrageous|excessive|(?:hard|difficult) to justify)",
        r"(?:increas|rais|hik)(?:e|es|ed|ing) (?:in |of )?(?:the |our |your |my )?<price>\b",
        r"<unable> (?:really )?(?:afford|justify (?:the|this|that|its) (?:price|costs?|spend|expense))",
        r"(?:not|\w+n't|hardly|barely) worth (?:the|its|that|what we|this)(?: price| money| cost| expense)?",
        r"for (?:this|that|the|so much) (?:price|money)[^.!?]{0,20} (?:expect\w*|should)\b",
        r"budget (?:cuts?|freeze|constraints?|pressure|(?:was|is|has been|got) cut|reduc\w+|is tight)|over budget",
        r"(?:cut|reduc|slash|lower|trim)(?:e|s|es|ting|ing|ming)? (?:our |the |my |down on )?(?:\w+ )?"
        r"(?:costs?|spend|spending|expenses|price|bill|budget)\b",
        r"cheaper (?:<supplier>|alternatives?|options?|elsewhere|plan|competitors?|offers?|one)\b",
        r"(?:something|someone|somewhere|anything) cheaper|(?:is|are) (?:much |far |a lot |way )?cheaper\b",
        r"(?:ask\w*|need|want|request\w*|expect|get|demand\w*|without|give us|offer us) "
        r"(?:for )?(?:an? )?(?:\w+ )?"
        r"discounts?\b",
        r"(?:better|lower) (?:price|deal|pricing)\b|(?:poor|bad|no|little|terrible) value for (?:the )?money|"
        r"price tag",
    ),
    "outage": (
        r"(?<!scheduled )(?<!planned )(?:outages?|down ?time)\b",
        r"<system> (?:itself |now |still |again )?(?:(?:is|was|are|were|has been|have been|goes|went|be|"
        r"keeps? going) )"
        r"(?:\w+ ){0,2}?(?:down|offline|unavailable|unreachable|inaccessible)\b(?! (?:to|by|from|\d+ ?%))",
        r"service (?:interruptions?|disruptions?|unavailable)|(?:system|site|platform|major) (?:failure|"
        r"incident)s?",
        r"(?:nothing|nobody|not|\w+n't)(?: \w+){0,2} (?:reachable|accessible)\b",
        r"50[0234] errors?|gateway time ?outs?|bad gateway",
    ),
    "champion_left": (
        r"<champion>(?:,? (?!(?:not|never)\b|\w+n't\b)[\w'&-]+,?){0,3}?"
        r"(?: (?:has|have|had|is|was|will|be|just|also|recently|unfortunately|sadly|now))* "
        r"(?:left(?!<thing>)|leaving(?!<thing>)|leaves\b(?!<thing>)|leave (?:us|the|our|in|at|soon|next)|"
        r"depart(?:ed|ing)|"
        r"resign(?:ed|s|ing)|quit\b|mov(?:ed|ing) on\b|retir(?:ed|es|ing)|laid off|let go\b|stepp(?:ed|ing) down)|"
        r"<champion> (?:is|has) gone\b(?! (?:through|over|live|to))",
        r"(?:no longer|not) (?:with|(?:work(?:ing|s)|employed) (?:at|for|with|by)) "
        r"(?:us|our|here|me|the (?:<company>|team))\b|no longer works? (?:here|there)\b",
        r"(?:left|leav(?:e|es|ing)|departed|quit|departure from) (?:the|our|my) <company>",
        r"last (?:working )?day (?:is|was|at|with|will|here)\b|departure of",
        r"(?:champion|sponsor|contact) (?:change|departure)",
        r"(?:lost|losing|lose) (?:our|the|their|its) (?:internal |executive |main |key )?(?:champion|sponsor|"
        r"advocate)",
        r"(?:taking|took|takes|take) over from|my (?:predecessor|successor)",
        r"(?:her|his|their) (?:successor|replacement)\b",
    ),
}
"""The patterns of each intent; one match is enough."""


def compiled() -> dict[str, re.Pattern[str]]:
    """One expression per intent, beginning at the start of a word."""
    return {name: re.compile(rf"(?<![\w-])(?:{'|'.join(map(_spelled, of))})") for name, of in PATTERNS.items()}


def _spelled(pattern: str) -> str:
    return re.sub(r"<([a-z]+)>", lambda part: PARTS[part[1]], pattern)
