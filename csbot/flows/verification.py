"""The verify step: proof of who is there, by what the order knows or by a one-time code.

Three tries for the whole conversation. What does not exist and what is somebody else's are answered in the same
words, after the same comparisons. Codes are derived from the journal's key, so that a turn run again sends the same
one, and stand in the database only as a keyed hash.
"""

import hashlib
import hmac
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.db.models import F
from django.utils import timezone

from csbot import conf, sealing
from csbot.actions import registry
from csbot.actions.running import perform
from csbot.dialogue import cues
from csbot.dialogue.decision import A_PERSON, Press, Say
from csbot.dialogue.turn import Email
from csbot.flows.definition import Verify
from csbot.flows.slots.email import ADDRESS
from csbot.flows.slots.numerals import with_digits
from csbot.flows.slots.postcode import CODE
from csbot.messages import Assurance, DigitRule, Expects
from csbot.models import VerificationCode

if TYPE_CHECKING:
    from csbot.flows.runner import Runner

TRIES = 3
CODE_DIGITS = 6
SEND_CODE = "code"


def begin(runner: "Runner", step: Verify) -> bool:
    """False when the customer is proven already; else asks for proof and is True."""
    if runner.turn.assurance is Assurance.VERIFIED and runner.turn.subject:
        return False
    if runner.turn.state.proof_tries >= TRIES:
        _give_up(runner)
    else:
        _ask_proof(runner, step, "verify.ask_proof")
    return True


def _ask_proof(runner: "Runner", step: Verify, wording: str) -> None:
    runner.frame.asked = "?proof"
    buttons = (Press(SEND_CODE, key="button.send_code"), A_PERSON) if step.code else (A_PERSON,)
    runner.run.says.append(Say(wording, runner.values(), buttons=buttons, expects=Expects(type="proof", slot="proof")))


def answer(runner: "Runner", text: str, choice: str, sealed: str) -> bool:
    """Takes what came after the question for proof; True when it was an answer to it (then `runner.run` says more)."""
    step = runner.flow.steps[runner.frame.step]
    if not isinstance(step, Verify):
        return False
    language = runner.turn.language
    if step.code and (choice == SEND_CODE or cues.has("send_code", text, language)):
        _send_code(runner, step)
        return True
    if runner.frame.asked == "?code":
        digits = "".join(character for character in with_digits(text) if character.isdigit())
        if len(digits) < 4:
            return False
        _check_code(runner, step, digits, sealed)
        return True
    proof = proof_in(text)
    if proof is None:
        return False
    _check_proof(runner, step, proof)
    return True


def proof_in(text: str) -> str | None:
    """The e-mail address or postcode in `text`."""
    found = ADDRESS.search(with_digits(text))
    if found:
        return found.group()
    codes = list(CODE.finditer(with_digits(text)))
    return codes[-1].group() if codes else None


def _arguments(runner: "Runner", step: Verify) -> dict[str, Any]:
    return {name: runner.value(path) for name, path in step.arguments.items()}


def _check_proof(runner: "Runner", step: Verify, proof: str) -> None:
    turn = runner.turn
    outcome = perform(
        registry.get(step.check),
        turn.call(),
        {**_arguments(runner, step), "proof": proof},
        journal=turn.request.journal,
        step=f"{runner.flow.key}.check",
    )
    if outcome.name == "proven":
        turn.verified(str(outcome.values.get("subject", "")))
        runner.go()
        return
    _failed(runner, step)


def _failed(runner: "Runner", step: Verify) -> None:
    state = runner.turn.state
    state.proof_tries += 1
    state.fail(f"proof {state.proof_tries} of {TRIES} did not match")
    if state.proof_tries >= TRIES:
        _give_up(runner)
        return
    runner.frame.asked = "?proof"
    values = {**runner.values(), "left": TRIES - state.proof_tries}
    buttons = (Press(SEND_CODE, key="button.send_code"), A_PERSON) if step.code else (A_PERSON,)
    runner.run.says.append(Say("verify.refused", values, buttons=buttons, expects=Expects(type="proof", slot="proof")))


def _give_up(runner: "Runner") -> None:
    runner.run.says.append(Say("verify.given_up", runner.values(), buttons=(A_PERSON,), expects=Expects(type="text")))
    runner.run.ended = True


def _send_code(runner: "Runner", step: Verify) -> None:
    """Sends a code to the address on file, and says the same whether there is one or not."""
    turn, arguments = runner.turn, _arguments(runner, step)
    if turn.state.proof_tries >= TRIES:
        _give_up(runner)
        return
    outcome = perform(
        registry.get(step.code), turn.call(), arguments, journal=turn.request.journal, step=f"{runner.flow.key}.address"
    )
    email, subject = str(outcome.values.get("email", "")), str(outcome.values.get("subject", ""))

    def store(key: str) -> dict[str, Any]:
        digits = code_for(key)
        VerificationCode.objects.filter(conversation_id=turn.request.conversation, used_at=None).delete()
        VerificationCode.objects.create(
            conversation_id=turn.request.conversation,
            address=email,
            code_hash=hashed(digits, str(turn.request.conversation)),
            expires_at=timezone.now() + timedelta(seconds=conf.CODE_SECONDS()),
        )
        return {"key": key}

    if outcome.name == "known" and email:
        stored = turn.request.journal.run(f"{runner.flow.key}.code", "csbot.send_code", {"to": subject}, store)
        values = {**runner.values(), "code": code_for(stored["key"]), "minutes": conf.CODE_SECONDS() // 60}
        words, language = turn.words, turn.language
        runner.run.emails.append(
            Email(
                email,
                words.say("verify.email.subject", language=language, values=values),
                words.say("verify.email.body", language=language, values=values),
            )
        )
    runner.frame.asked = "?code"
    runner.frame.data["proof"] = {"subject": subject, "email": email}
    expects = Expects(type="code", slot="code", digits=DigitRule(minimum=CODE_DIGITS, maximum=CODE_DIGITS), secret=True)
    values = {**runner.values(), "minutes": conf.CODE_SECONDS() // 60}
    runner.run.says.append(Say("verify.ask_code", values, buttons=(A_PERSON,), expects=expects))


def _check_code(runner: "Runner", step: Verify, digits: str, sealed: str) -> None:
    turn = runner.turn
    conversation = turn.request.conversation

    def compare(_key: str) -> dict[str, Any]:
        codes = VerificationCode.objects.filter(
            conversation_id=conversation, used_at=None, expires_at__gt=timezone.now(), tries__lt=TRIES
        )
        row = codes.first()
        given = hashed(digits, str(conversation))
        right = hmac.compare_digest(given, row.code_hash if row else hashed("", str(conversation)))
        if row is not None:
            codes.filter(pk=row.pk).update(tries=F("tries") + 1, used_at=timezone.now() if right else None)
        return {"right": bool(row is not None and right), "address": row.address if row and right else ""}

    # The journal keeps a hash of its arguments: the sealed reference stands there, never the digits.
    asked = {"sealed": sealed or str(turn.request.batch[-1].seq)}
    result = turn.request.journal.run(f"{runner.flow.key}.code_check", "csbot.check_code", asked, compare)
    proof = runner.frame.data.pop("proof", {})
    if result["right"]:
        turn.verified(str(proof.get("subject", "")), str(result["address"]))
        runner.go()
        return
    _failed(runner, step)
    if not runner.run.ended:
        # The code that was sent stays good for the tries that are left.
        runner.frame.data["proof"] = proof


def code_for(key: str) -> str:
    """Six digits that nobody can foretell without the site's secret, the same for the same journal key."""
    digest = hmac.new(settings.SECRET_KEY.encode(), f"csbot code {key}".encode(), hashlib.sha256).digest()
    return str(int.from_bytes(digest[:8], "big") % 10**CODE_DIGITS).zfill(CODE_DIGITS)


def hashed(digits: str, conversation: str) -> str:
    """The code as the database keeps it."""
    return hmac.new(settings.SECRET_KEY.encode(), f"{conversation}/{digits}".encode(), hashlib.sha256).hexdigest()


def opened(reference: str) -> str:
    """The secret answer behind `reference`; "" when its life is over."""
    return sealing.unseal(reference) or ""
