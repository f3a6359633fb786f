from __future__ import annotations

import pytest

from churnmodel.features.text_intents import INTENTS, mentions

SPOKEN = {
    "cancel": """
        please cancel our subscription
        Hi team, please cancel our subscription at the end of the term. Thanks for all, best regards, Ann
        How do I cancel my account?
        I don't know how to cancel
        I can't cancel my subscription in the settings
        cancellation request
        Cancelled. Too buggy.
        We have decided not to renew.
        we will not be renewing our contract next year
        We won't renew
        We don't plan to renew this contract
        We no longer need the tool
        We stopped using your product
        Please close our account
        We are terminating our agreement as of June
        What is the notice period?
        Turn off auto-renewal please
        We are moving away from your platform
        They might churn
        High risk of churn, they are threatening to leave
        They have not decided whether to cancel
        I am not sure if we should cancel
        It does not work, so we cancel
        We are not happy, we want to cancel.
        No, please cancel it.
        This is not what we bought. Cancel our plan.
        If you can't fix this we will cancel
        This is not fair. Cancel our plan.
        That was not good we will cancel
        There is no documentation, please cancel it
    """,
    "competitor": """
        We are looking at a competitor
        we are evaluating alternatives
        They are comparing us with another vendor
        We are switching to another provider
        we are running an RFP
        we have a quote from a competitor
    """,
    "price": """
        It is too expensive
        way overpriced
        The price increase is hard to justify
        We do not accept the price increase
        We don't understand the price increase
        There was no explanation for the price increase
        We can't afford this any more
        our budget was cut
        They asked for a discount
        The renewal quote is too high
        We need to reduce costs
        not worth the money
    """,
    "outage": """
        outage
        There was an outage this morning
        The platform is down
        your API has been completely down for three hours
        We are getting 503 errors
        The site went offline again
        We cannot accept another outage
        It is not the first outage
        We had no response about the outage
        You did not tell us about the outage
        I have not seen the report. Was there an outage?
    """,
    "champion_left": """
        Our champion left
        our champion left the company last week
        Our main contact is leaving in May
        The admin, Paul Jones, has left
        Maria is no longer with the company
        Our CTO resigned
        the head of sales has moved on
        Friday is my last day here
        I am taking over from Susan
        we lost our internal sponsor
    """,
}
SILENT = """
    We do not want to cancel
    we don't want to cancel at all
    We are not going to cancel our subscription
    No plans to cancel
    There is no reason to cancel
    I don't think we will cancel
    We would never cancel
    Please cancel the meeting on Tuesday
    can we cancel tomorrow's call?
    I need to cancel my training session
    How do I cancel an export?
    The cancel button is grey
    We have noise-cancelling headsets
    Happy to renew for another year!
    We are moving away from spreadsheets
    How do I switch off notifications?
    They could leave a comment
    You should stop using that colour
    We are not looking at alternatives
    They have no plans to look at competitors
    You are better than your competitors
    We came to you from a competitor and are happy
    Is there an alternative way to export the data?
    How do I connect another tool?
    It is not expensive
    It's not too expensive for what it does
    great value for money
    What is the price of ten more seats?
    there was no price increase this year
    conversion rates increase
    No outage this month
    there was no downtime
    No outages, downtime or bugs this quarter
    we have not had any outages
    We are not aware of any outage
    Zero downtime since January, great
    When is the next planned downtime?
    Usage is down 20% this month
    Can you write down the steps?
    the drop down is empty
    Our champion has not left
    Our champion did not leave
    the admin left a comment
    Our account manager left
    Our champion is very happy
    There are three seats left
    the menu on the left is gone
"""


def lines(text: str) -> list[str]:
    return [line.strip() for line in text.strip().splitlines()]


def spoken(text: str) -> set[str]:
    return {mention.intent for mention in mentions(text) if not mention.is_denied}


@pytest.mark.parametrize(("intent", "text"), [(i, text) for i, texts in SPOKEN.items() for text in lines(texts)])
def test_a_text_speaks_of_its_intent_and_of_no_other(intent, text):
    assert spoken(text) == {intent}


@pytest.mark.parametrize("text", lines(SILENT))
def test_what_is_denied_or_about_something_else_speaks_of_nothing(text):
    assert spoken(text) == set()


def test_every_intent_has_texts_that_speak_of_it():
    assert set(SPOKEN) == set(INTENTS)


def test_one_text_speaks_of_several_things():
    text = "Our champion left, it is too expensive, so we will cancel and go to a competitor after the outage"
    assert spoken(text) == set(INTENTS)


def test_case_and_letters_that_change_their_length_do_not_move_a_mention():
    text = "İİİ PLEASE CANCEL our plan"
    (mention,) = mentions(text)
    assert text[mention.start : mention.end] == "CANCEL"


def test_a_denied_mention_is_told_as_denied():
    assert [(m.intent, m.is_denied) for m in mentions("We do not want to cancel")] == [("cancel", True)]
