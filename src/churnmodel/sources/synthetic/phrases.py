"""Which sentences do the people of the demo company write? (all of them; who says which stands in `speech`)"""

from __future__ import annotations

from collections.abc import Mapping

Phrases = tuple[str, ...]

OF_TICKET: Mapping[str, Phrases] = {
    "how_to": (
        "How do we set up {feature} for a second team?",
        "Where can I change the default filter in {feature}?",
        "Could you explain how {feature} count archived items?",
        "Is there a way to schedule {feature} for Monday morning?",
    ),
    "bug": (
        "The {feature} page shows an error when I save.",
        "Since yesterday {feature} return wrong totals.",
        "{feature} stop loading after the second step.",
        "The numbers in {feature} do not match those we entered.",
    ),
    "access": (
        "A new colleague cannot sign in to see {feature}.",
        "Please give our finance team access to {feature}.",
        "My password reset mail for {feature} does not arrive.",
        "Single sign-on asks twice before {feature} open.",
    ),
    "billing": (
        "The invoice does not show our purchase order number.",
        "Can we get the invoice for {feature} split by department?",
        "We were billed for a seat that we removed.",
        "Please send the receipt of last month again.",
    ),
    "performance": (
        "{feature} take more than a minute to open.",
        "Loading {feature} is slow in the afternoon.",
        "The {feature} job ran for three hours today.",
        "{feature} time out with large date ranges.",
    ),
}

TONE_OF_TICKET: Mapping[str, Phrases] = {
    "bad": (
        "This is really frustrating, we have reported it before.",
        "My team is losing hours over this and nobody helps.",
        "We are very disappointed with how this is handled.",
        "This is a terrible experience for our users.",
        "Honestly, it is useless for us like this.",
    ),
    "neutral": (
        "",
        "Please have a look.",
        "It is not urgent.",
        "Details are attached.",
        "We use the current version.",
    ),
    "good": (
        "Thanks for the great help last time!",
        "Otherwise we are very happy with the product.",
        "We love the new options, this would make it perfect.",
        "Your team has been excellent, thank you.",
        "Works well apart from that.",
    ),
}

TONE_OF_COMMENT: Mapping[str, Phrases] = {
    "bad": (
        "It does not do what we were promised.",
        "Too complicated, and support is slow and unhelpful.",
        "My colleagues have stopped using it, it is annoying.",
        "We get very little value out of it.",
        "Buggy and disappointing lately.",
    ),
    "neutral": (
        "It does its job.",
        "Okay for reports, the rest we do not use much.",
        "Some things are good, some could be easier.",
        "No opinion yet, we are still rolling it out.",
        "Fine, but setting it up took long.",
    ),
    "good": (
        "Easy to use and it saves us a lot of time.",
        "Great product, the whole team loves it.",
        "Very helpful support and reliable reports.",
        "We are happy and would recommend it.",
        "Excellent, it has become part of our daily work.",
    ),
}

TONE_OF_NOTE: Mapping[str, Phrases] = {
    "bad": (
        "Difficult call, they are unhappy and doubt the benefit.",
        "Tense meeting, complaints about quality and slow answers.",
        "They see little value and use it less and less.",
        "Disappointed mood, two of three open points are still not solved.",
        "No good news: adoption has dropped and nobody feels responsible.",
    ),
    "neutral": (
        "Regular call, went through open points.",
        "Short catch-up, nothing special to report.",
        "Discussed the roadmap and the next release.",
        "Talked about seats and the holiday schedule.",
        "Checked the settings together, follow-up in a month.",
    ),
    "good": (
        "Very good call, they are happy with the results.",
        "Great progress, another team wants to join.",
        "They praised the support and enjoy the new reports.",
        "Strong adoption, they plan to extend next year.",
        "Excellent mood, willing to be a reference.",
    ),
}

CONCERNS = ("", "cancel", "competitor", "price", "outage", "champion_left", "redesign")

BY_CUSTOMER: Mapping[str, Phrases] = {
    "": ("",),
    "cancel": (
        "Please tell us how to cancel our subscription.",
        "We are thinking of terminating the contract.",
        "What is the notice period if we do not want to renew?",
    ),
    "competitor": (
        "We are comparing you with another vendor at the moment.",
        "A competitor offers this out of the box.",
        "Our IT wants us to switch to a different tool.",
    ),
    "price": (
        "For this price we expect more.",
        "The new price is too expensive for us.",
        "We cannot justify the cost any more.",
    ),
    "outage": (
        "The service was down for us again.",
        "We could not work during the outage.",
        "Nothing was reachable this morning.",
    ),
    "champion_left": (
        "Our former administrator has left the company.",
        "I took this over from a colleague who is no longer here.",
        "The person who introduced it has moved on.",
    ),
    "redesign": (
        "Since the redesign we do not find anything any more.",
        "The new layout is confusing, please bring the old one back.",
        "The new interface takes us twice as many clicks.",
    ),
}

BY_CSM: Mapping[str, Phrases] = {
    "": ("",),
    "cancel": (
        "They mentioned that they may not renew.",
        "They asked what it takes to cancel.",
        "Termination was discussed openly.",
    ),
    "competitor": (
        "They are evaluating a competitor.",
        "Another vendor gave them a demo last week.",
        "They may switch to the suite of their group.",
    ),
    "price": (
        "They complained about the price increase.",
        "Budget is tight, they ask for a discount.",
        "Procurement finds us too expensive.",
    ),
    "outage": (
        "They brought up the outage again.",
        "Downtime was the main topic.",
        "They want a report on the last incident.",
    ),
    "champion_left": (
        "Our champion has left the company.",
        "The main contact is gone, no successor named so far.",
        "Our sponsor moved on and nobody has taken over.",
    ),
    "redesign": (
        "The new design is not well received there.",
        "They find the redesigned menus confusing.",
        "Users complain about the new interface.",
    ),
}

OF_EXIT: Mapping[str, Phrases] = {
    "price": (
        "Too expensive after the increase.",
        "The budget was cut.",
        "We found the price too high.",
    ),
    "product": (
        "It no longer fits what we need.",
        "Important functions are missing.",
        "The project has ended.",
    ),
    "process": (
        "Support was too slow.",
        "It was never properly set up.",
        "Too many problems, and nobody felt in charge.",
    ),
    "competition": (
        "We switched to a competitor.",
        "Another vendor suits us better.",
        "Our group uses another tool.",
    ),
    "involuntary": (
        "Invoices stayed unpaid, service was stopped.",
        "No payment after three reminders.",
        "Not paid.",
    ),
    "acquired": (
        "The company was acquired.",
        "Merged into a new owner's contract.",
        "Taken over by another firm.",
    ),
    "other": (
        "A strategic decision.",
        "We do it ourselves now.",
        "No particular reason given.",
    ),
}
