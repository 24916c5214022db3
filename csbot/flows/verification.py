"""The verify step: proof of who is there, by what the order knows or by a one-time code.

Three tries for the thing that is proven and for whoever asks, in any number of conversations (`tries`). What does not
exist, what is somebody else's and what was tried too often are answered in the same words, after the same
comparisons. Codes are derived from the journal's key, so that a turn run again sends the same one, and stand in the
database only as a keyed hash.
"""

import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.db.models import F
from django.utils import timezone

from csbot import conf, sealing
from csbot.actions import registry
from csbot.actions.registry import Outcome
from csbot.actions.running import FAILED, perform
from csbot.dialogue import cues
from csbot.dialogue.decision import A_PERSON, Press, Say
from csbot.dialogue.turn import Email
from csbot.flows.definition import Verify
from csbot.flows.slots.email import ADDRESS
from csbot.flows.slots.numerals import with_digits
from csbot.flows.slots.postcode import CODE as POSTCODE
from csbot.flows.tries import LIMIT, Tries
from csbot.messages import Assurance, DigitRule, Expects
from csbot.models import VerificationCode

if TYPE_CHECKING:
    from csbot.flows.runner import Runner

CODE_DIGITS = 6
SEND_CODE = "code"
PROOF = Expects(type="proof", slot="proof")
CODE_SENT = Expects(type="code", slot="code", digits=DigitRule(minimum=CODE_DIGITS, maximum=CODE_DIGITS), secret=True)


def begin(runner: "Runner", step: Verify) -> bool:
    """False when the customer is proven already; else asks for proof and is True."""
    if runner.turn.assurance is Assurance.VERIFIED and runner.turn.subject:
        return False
    if _guesses(runner, step).left():
        _ask_proof(runner, step, Say("verify.ask_proof", runner.values()))
    else:
        _give_up(runner)
    return True


def _guesses(runner: "Runner", step: Verify, proof: str = "") -> Tries:
    """The tries at what this step proves; where it names nothing, the proof itself is the thing that is tried."""
    return _tries(runner, "proof", _arguments(runner, step) or ({"proof": proof} if proof else {}))


def _tries(runner: "Runner", what: str, arguments: Mapping[str, Any]) -> Tries:
    request = runner.turn.request
    return Tries.at(request.brand, request.contact, what, arguments)


def _ask_proof(runner: "Runner", step: Verify, say: Say, expects: Expects = PROOF) -> None:
    runner.frame.asked = f"?{expects.type}"
    buttons = (Press(SEND_CODE, key="button.send_code"), A_PERSON) if step.code else (A_PERSON,)
    runner.run.says.append(replace(say, buttons=buttons, expects=expects))


def answer(runner: "Runner", text: str, choice: str, sealed: str) -> bool:
    """Takes what came after the question for proof; True when it was an answer to it (then `runner.run` says more)."""
    step = runner.flow.steps[runner.frame.step]
    if not isinstance(step, Verify):
        return False
    language = runner.turn.language
    if step.code and (choice == SEND_CODE or cues.has("send_code", text, language)):
        _send_code(runner, step)
        return True
    if runner.frame.asked == "?code" and not ADDRESS.search(with_digits(text)):
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
    codes = list(POSTCODE.finditer(with_digits(text)))
    return codes[-1].group() if codes else None


def _arguments(runner: "Runner", step: Verify) -> dict[str, Any]:
    return {name: runner.value(path) for name, path in step.arguments.items()}


def _check_proof(runner: "Runner", step: Verify, proof: str) -> None:
    turn, guesses = runner.turn, _guesses(runner, step, proof)
    arguments = {**_arguments(runner, step), "proof": proof}

    def compare(_key: str) -> dict[str, Any]:
        if not guesses.take():
            return {"outcome": "refused"}
        outcome = perform(
            registry.get(step.check),
            turn.call(),
            arguments,
            journal=turn.request.journal,
            step=f"{runner.flow.key}.check",
        )
        if outcome.name in ("proven", FAILED):
            guesses.give_back()
        return outcome.to_json()

    # The journal counts a turn that is run again once; it keeps a hash of the seq, never of the proof.
    asked = {"seq": turn.request.batch[-1].seq}
    outcome = Outcome.from_json(
        turn.request.journal.run(f"{runner.flow.key}.proof", "csbot.check_proof", asked, compare)
    )
    if outcome.name == "proven":
        turn.verified(str(outcome.values.get("subject", "")))
        runner.go()
    elif outcome.name == FAILED:
        runner.broken(str(outcome.values.get("reason", "")))
    else:
        _failed(runner, step, guesses)


def _failed(runner: "Runner", step: Verify, guesses: Tries, expects: Expects = PROOF) -> None:
    left = guesses.left()
    runner.turn.state.fail(f"a proof did not match; {left} of {LIMIT} tries left")
    if left:
        _ask_proof(runner, step, Say("verify.refused", {**runner.values(), "left": left}), expects)
    else:
        _give_up(runner)


def _give_up(runner: "Runner") -> None:
    runner.run.says.append(Say("verify.given_up", runner.values(), buttons=(A_PERSON,), expects=Expects(type="text")))
    runner.run.ended = True


def _send_code(runner: "Runner", step: Verify) -> None:
    """Sends a code to the address on file, and says the same whether there is one or not."""
    turn, arguments = runner.turn, _arguments(runner, step)
    outcome = perform(
        registry.get(step.code), turn.call(), arguments, journal=turn.request.journal, step=f"{runner.flow.key}.address"
    )
    if outcome.name == FAILED:
        runner.broken(str(outcome.values.get("reason", "")))
        return
    email, subject = str(outcome.values.get("email", "")), str(outcome.values.get("subject", ""))
    guesses, sendings = _guesses(runner, step), _tries(runner, "code", arguments)

    def store(key: str) -> dict[str, Any]:
        VerificationCode.objects.filter(conversation_id=turn.request.conversation, used_at=None).delete()
        # What does not exist uses up the same tries: their end tells nothing.
        if not (guesses.left() and sendings.take()):
            return {"key": ""}
        if email:
            VerificationCode.objects.create(
                conversation_id=turn.request.conversation,
                address=email,
                code_hash=hashed(code_for(key), str(turn.request.conversation)),
                expires_at=timezone.now() + timedelta(seconds=conf.CODE_SECONDS()),
            )
        return {"key": key}

    asked = {"to": subject, "seq": turn.request.batch[-1].seq}
    stored = turn.request.journal.run(f"{runner.flow.key}.code", "csbot.send_code", asked, store)
    if not stored["key"]:
        _give_up(runner)
        return
    if email:
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
    values = {**runner.values(), "minutes": conf.CODE_SECONDS() // 60}
    runner.run.says.append(Say("verify.ask_code", values, buttons=(A_PERSON,), expects=CODE_SENT))


def _check_code(runner: "Runner", step: Verify, digits: str, sealed: str) -> None:
    turn = runner.turn
    conversation, guesses = turn.request.conversation, _guesses(runner, step)

    def compare(_key: str) -> dict[str, Any]:
        if not guesses.take():
            return {"right": False, "address": ""}
        codes = VerificationCode.objects.filter(
            conversation_id=conversation, used_at=None, expires_at__gt=timezone.now(), tries__lt=LIMIT
        )
        row = codes.first()
        given = hashed(digits, str(conversation))
        right = hmac.compare_digest(given, row.code_hash if row else hashed("", str(conversation)))
        if row is not None:
            codes.filter(pk=row.pk).update(tries=F("tries") + 1, used_at=timezone.now() if right else None)
            if right:
                guesses.give_back()
        return {"right": bool(row is not None and right), "address": row.address if row and right else ""}

    # The journal keeps a hash of its arguments: the sealed reference stands there, never the digits.
    asked = {"sealed": sealed or str(turn.request.batch[-1].seq)}
    result = turn.request.journal.run(f"{runner.flow.key}.code_check", "csbot.check_code", asked, compare)
    if result["right"]:
        proof = runner.frame.data.pop("proof", {})
        turn.verified(str(proof.get("subject", "")), str(result["address"]))
        runner.go()
        return
    # The code that was sent stays good for the tries that are left.
    _failed(runner, step, guesses, CODE_SENT)


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
