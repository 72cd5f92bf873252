"""What WhatsApp writes in place of a message, in the languages of many phones."""

import re

DELETED = {
    "this message was deleted",
    "you deleted this message",
    "diese nachricht wurde gelöscht",
    "du hast diese nachricht gelöscht",
    "se eliminó este mensaje",
    "este mensaje fue eliminado",
    "eliminaste este mensaje",
    "ce message a été supprimé",
    "vous avez supprimé ce message",
    "mensagem apagada",
    "esta mensagem foi apagada",
    "você apagou esta mensagem",
    "questo messaggio è stato eliminato",
    "hai eliminato questo messaggio",
    "dit bericht is verwijderd",
    "je hebt dit bericht verwijderd",
    "bu mesaj silindi",
    "bu mesajı sildiniz",
    "данное сообщение удалено",
    "вы удалили данное сообщение",
    "pesan ini telah dihapus",
    "anda telah menghapus pesan ini",
}

_EDITED = (
    "This message was edited",
    "Diese Nachricht wurde bearbeitet",
    "Se editó este mensaje",
    "Ce message a été modifié",
    "Mensagem editada",
    "Questo messaggio è stato modificato",
    "Dit bericht is bewerkt",
    "Bu mesaj düzenlendi",
    "Сообщение изменено",
    "Данное сообщение изменено",
    "Pesan ini diedit",
)
EDITED = re.compile(rf"\s?\u200e?<(?:{'|'.join(_EDITED)})\.?>\s*\Z", re.IGNORECASE)

_OMITTED = (
    "omitted|weggelassen|ausgeschlossen|omitid[oa]s?|ocult[oa]|ocultad[oa]|absente?|omise?s?"
    "|omess[aoei]|weggelaten|dahil edilmedi|atlanmış|без медиафайлов|dihapus|tidak disertakan"
)
OMITTED = re.compile(rf"<?([^<>\n]{{0,200}}?)\s?(?:{_OMITTED})>?\s*\Z", re.IGNORECASE)

ATTACHED = re.compile(r"<[^<>:\n]{2,30}:\s?([^<>\n]{1,255}\.\w{1,8})>\s*\Z")
"""As iPhones write it: <attached: 00000012-PHOTO-2024-12-31-21-15-03.jpg>."""

_BESIDE = (
    "file attached|datei angehängt|archivo adjunto|fichier joint|arquivo anexado|file allegato"
)
_BESIDE += "|bestand bijgevoegd|dosya ekli|файл добавлен|file terlampir"
ATTACHMENT = re.compile(rf"([^\n()]{{1,255}}\.\w{{1,8}}) \((?:{_BESIDE})\)\s*\Z", re.IGNORECASE)
"""As Android writes it: IMG-20241231-WA0001.jpg (file attached)."""

KINDS = {
    **dict.fromkeys(("image", "bild", "imagen", "imagem", "immagine", "afbeelding"), "photo"),
    **dict.fromkeys(("video", "vídeo", "vidéo"), "video"),
    **dict.fromkeys(("audio", "áudio"), "audio"),
    **dict.fromkeys(("sticker", "stickers"), "sticker"),
    "gif": "animation",
    **dict.fromkeys(("document", "dokument", "documento"), "file"),
    **dict.fromkeys(("contact", "kontaktkarte", "contacto"), "contact"),
}
"""Our labels of what was left out, by a word that names it."""

GROUP = re.compile(
    r"\b(?:group|gruppe|grupo|groupe|gruppo|groep|grubu?|групп\w*|grup)\b", re.IGNORECASE
)
"""In WhatsApp's own lines: the chat is a group, however many have written in it."""
