import uuid

from frontdesk.ledger.labels import stable_label


def test_a_label_never_changes() -> None:
    user_id = uuid.UUID("0f0e0d0c-0b0a-4908-8706-050403020100")
    assert stable_label(user_id) == "Amber Swift 6706"


def test_labels_are_two_words_and_four_digits_and_rarely_equal() -> None:
    labels = [stable_label(uuid.uuid5(uuid.NAMESPACE_URL, str(n))) for n in range(10_000)]
    assert all(label.replace(" ", "").isalnum() and label[-4:].isdigit() for label in labels)
    assert len(set(labels)) > 9_950
