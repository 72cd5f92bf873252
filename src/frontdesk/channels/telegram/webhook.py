"""The webhook that Telegram calls with each update of a bot."""

import hmac
import json
import uuid

from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from frontdesk.channels.telegram import inbox
from frontdesk.channels.telegram.models import TelegramBot
from frontdesk.channels.telegram.updates import Me
from frontdesk.core.encryption import EncryptionError, decrypt
from frontdesk.core.http.body import read_body
from frontdesk.core.http.errors import ApiError

MAX_BODY = 1024 * 1024


@csrf_exempt
@require_POST
def receive(request: HttpRequest, bot_id: uuid.UUID) -> HttpResponse:
    """Store an update. 200 only once it is committed: otherwise Telegram sends it again.

    Callers without the secret learn nothing, not even which bots exist.
    """
    bots = TelegramBot.objects.select_related("agent").filter(mode=TelegramBot.Mode.WEBHOOK)
    bot = bots.filter(id=bot_id).first()
    token = request.headers.get("X-Telegram-Bot-Api-Secret-Token", "")
    if bot is None or not _is_secret(bot, token):
        return HttpResponse(status=403)
    if bot.agent.archived_at:  # Telegram keeps the update for a day, as it does for polling bots
        return HttpResponse(status=503)
    try:
        raw = json.loads(read_body(request, MAX_BODY))
    except ApiError as error:
        return HttpResponse(status=error.status)
    except (ValueError, RecursionError):
        return HttpResponse(status=400)
    if not isinstance(raw, dict):
        return HttpResponse(status=400)
    inbox.store(bot.agent_id, bot.id, Me(bot.bot_id, bot.username), [raw])
    return HttpResponse()


def _is_secret(bot: TelegramBot, token: str) -> bool:
    try:
        secret = decrypt(bot.webhook_secret)
    except EncryptionError:
        return False
    return bool(secret) and hmac.compare_digest(secret.encode(), token.encode("utf-8", "replace"))
