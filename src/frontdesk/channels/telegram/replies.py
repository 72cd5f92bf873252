"""How an update is handled: messages, edits, commands, and memberships."""

from frontdesk.agents.models import Agent
from frontdesk.backends.question import Cancellation, Question
from frontdesk.channels.outbox import Part, Reply, key_of
from frontdesk.channels.replies import Replies
from frontdesk.channels.telegram import commands, edits, rendering, rich, thoughts
from frontdesk.channels.telegram.drafts import Features
from frontdesk.channels.telegram.inbox import OUTBOX
from frontdesk.channels.telegram.models import TelegramUpdate
from frontdesk.channels.telegram.sent import find_sent, find_sent_in_group
from frontdesk.channels.telegram.updates import Incoming
from frontdesk.channels.words import nearest, phrase
from frontdesk.gate.admission import Verdict, check
from frontdesk.ledger.events import Event
from frontdesk.ledger.models import EndUser
from frontdesk.ledger.reachability import set_reachable
from frontdesk.ledger.reactions import set_member_reaction, set_reaction


class TelegramReplies(Replies[TelegramUpdate]):
    verified = True

    def __init__(self, features: Features) -> None:
        super().__init__(OUTBOX)
        self._features = features
        self.in_progress: dict[tuple[int, int], Cancellation] = {}
        """Answers that can be stopped, by their chat and the message."""

    def handle(self, agent: Agent, row: TelegramUpdate) -> Question | None:
        incoming = row.incoming
        match incoming.kind:
            case "membership":
                _record_membership(agent, row, incoming)
                self.outbox.close(key_of(row))
            case "unnamed":
                self.say(row, phrase("unnamed", self.language_of(agent, row)))
            case "edit":
                return self._handle_edit(agent, row)
            case "stop":
                self._stop(incoming)
                self.outbox.close(key_of(row))
            case "reaction":
                self._react(agent, row)
            case "message" if incoming.command in commands.OWN:
                self._answer_command(agent, row, incoming)
            case "message":
                return self._handle_message(agent, row, incoming)
        return None

    def give_up(self, agent: Agent, row: TelegramUpdate) -> None:
        if row.incoming.kind == "message":
            super().give_up(agent, row)
        else:  # no one is waiting for an answer to it
            self.outbox.close(key_of(row))

    def language_of(self, agent: Agent, row: TelegramUpdate) -> str:
        return nearest(*filter(None, [row.incoming.language, agent.language]))

    def render(self, markdown: str) -> list[Part]:
        html = rich.render(markdown) if self._features.rich_messages else ""
        return [Part(markdown, rich=html)] if html else rendering.render(markdown)

    def plain(self, text: str) -> list[Part]:
        return rendering.plain(text)

    def _answer_command(self, agent: Agent, row: TelegramUpdate, incoming: Incoming) -> None:
        if incoming.command in commands.ALWAYS_ANSWERED:
            self.say(row, commands.answer(agent, incoming, self.language_of(agent, row)))
            return
        # Without a message id the gate counts nothing. A used-up limit does not hide the limits.
        verdict = check(agent, incoming.event(message_id=None), verified=True)
        if not verdict.admitted and verdict.limit is None:
            self.refuse(row, verdict)
        else:
            self.say(row, commands.answer(agent, incoming, self.language_of(agent, row)))

    def _handle_message(
        self, agent: Agent, row: TelegramUpdate, incoming: Incoming
    ) -> Question | None:
        is_start = incoming.command == "start"
        event = commands.start_event(incoming) if is_start else incoming.event()
        verdict = self.admit(agent, row, event)
        if verdict is None:
            return None
        if incoming.is_private:
            _record_reached(agent, row, incoming)
        question = self._answer(agent, row, event, verdict)
        thoughts.record_parts(agent, incoming)  # after the question, whose history they are not
        return question

    def _handle_edit(self, agent: Agent, row: TelegramUpdate) -> Question | None:
        """Only an answered question is asked again, and only if the bot is set so."""
        is_waiting = edits.change_waiting(row)
        if edits.record_edit(agent, row) and not is_waiting:
            verdict = edits.begin_anew(agent, row)
            if verdict is not None and verdict.admitted:
                return self.ask(agent, row, row.event(), row.incoming.question)
            if verdict is not None:
                self.refuse(row, verdict)
                return None
        self.outbox.close(key_of(row))
        return None

    def admit(self, agent: Agent, row: TelegramUpdate, event: Event) -> Verdict | None:
        """One verdict on all parts of a thought."""
        if row.incoming.parts:
            verdict = check(agent, thoughts.as_one(event, row.incoming), verified=True)
            if not verdict.admitted:
                self.refuse(row, verdict)
                return None
        return super().admit(agent, row, event)

    def _answer(
        self, agent: Agent, row: TelegramUpdate, event: Event, verdict: Verdict
    ) -> Question | None:
        incoming = row.incoming
        if self.is_answered(agent, row, event, verdict):
            return None
        if incoming.command == "start":
            self._start(agent, row, incoming)
            return None
        return self.ask(agent, row, event, incoming.question)

    def _stop(self, incoming: Incoming) -> None:
        """End an answer that this worker, the bot's only one, is waiting for."""
        if cancellation := self.in_progress.get((incoming.chat, incoming.message)):
            cancellation.cancel()

    def _react(self, agent: Agent, row: TelegramUpdate) -> None:
        incoming = row.incoming
        place = row.bot_id, incoming.chat, incoming.message
        if sent := find_sent(row.end_user_id, *place):
            set_reaction(agent, row.end_user_id, sent.answer_id, incoming.text, incoming.at)
        elif not incoming.is_private and (sent := find_sent_in_group(*place)):
            answer = sent.end_user_id, sent.answer_id
            set_member_reaction(agent, row.end_user_id, answer, incoming.text, incoming.at)
        self.outbox.close(key_of(row))

    def _start(self, agent: Agent, row: TelegramUpdate, incoming: Incoming) -> None:
        """Link the person's identities if /start has a link's token; otherwise greet them."""
        language = self.language_of(agent, row)
        if commands.is_link(incoming):
            commands.link(agent, incoming, language, lambda words: self.say(row, words))
        else:
            answer = commands.greeting(agent, incoming, language)
            self.outbox.save_reply(key_of(row), Reply(self.render(answer.text), answer))


def _record_membership(agent: Agent, row: TelegramUpdate, incoming: Incoming) -> None:
    cause = "uses the bot again" if incoming.is_member else "blocked the bot"
    reachable = incoming.is_member
    set_reachable(agent, row.end_user_id, reachable=reachable, at=incoming.at, cause=cause)


def _record_reached(agent: Agent, row: TelegramUpdate, incoming: Incoming) -> None:
    """A person who writes is reachable."""
    user = EndUser.objects.filter(id=row.end_user_id, unreachable_since__isnull=False)
    if user.exists():
        set_reachable(agent, row.end_user_id, reachable=True, at=incoming.at, cause="wrote again")
