"""Anki's own sync server and library, as a client that takes one command a line and answers one line of JSON.

anki_peer.py FOLDER ADDRESS DATA
"""
import json
import os
import sys
import time

from anki.collection import AddNoteRequest, Collection
from anki.sync_pb2 import SyncCollectionResponse as Needed

folder, address, data = sys.argv[1:4]
os.makedirs(folder, exist_ok=True)
with open(data, encoding="utf-8") as lines:
    residents = [json.loads(line) for line in lines]
names = [name for name in residents[0] if name != "id"]
made = 0


class Client:
    """One collection and its sign-in."""

    def __init__(self, name):
        self.path = os.path.join(folder, name + ".anki2")
        self.collection = Collection(self.path)
        self.auth = self.collection.sync_login("bench", "bench", address)

    def whole(self, upload):
        self.collection.close_for_full_sync()
        self.collection.full_upload_or_download(auth=self.auth, server_usn=None, upload=upload)
        self.collection.reopen(after_full_sync=True)

    def sync(self):
        answer = self.collection.sync_collection(self.auth, sync_media=False)
        if answer.required not in (Needed.NO_CHANGES, Needed.NORMAL_SYNC):
            raise RuntimeError(f"a full sync is wanted: {answer.required}")


one = Client("one")
two = None


def fill():
    """A notetype with these fields on both sides, then the notes, unsent."""
    models = one.collection.models
    kind = models.new("resident")
    for name in names:
        models.add_field(kind, models.new_field(name))
    template = models.new_template("card")
    template["qfmt"] = "{{" + names[0] + "}}"
    template["afmt"] = "{{" + names[0] + "}}"
    models.add_template(kind, template)
    models.add(kind)
    one.whole(upload=True)
    kind = models.by_name("resident")
    deck = one.collection.decks.id("Default")
    for at in range(0, len(residents), 1000):
        requests = []
        for resident in residents[at : at + 1000]:
            note = one.collection.new_note(kind)
            for name in names:
                note[name] = str(resident[name])
            requests.append(AddNoteRequest(note=note, deck_id=deck))
        one.collection.add_notes(requests)
    return len(residents)


def push():
    one.sync()
    return one.collection.note_count()


def first_sync():
    global two, made
    made += 1
    two = Client(f"two-{made}")
    two.whole(upload=False)
    found = two.collection.find_notes(residents[0]["name"])
    if not found:
        raise RuntimeError("nobody is found")
    return two.collection.note_count()


def edit(count):
    ids = one.collection.find_notes("")[: int(count)]
    notes = [one.collection.get_note(note) for note in ids]
    for at, note in enumerate(notes):
        note["phone"] = f"138{(at + int(time.time())) % 100000000:08d}"
    one.collection.update_notes(notes)
    return len(notes)


def push_edits():
    one.sync()
    return 0


def pull_edits():
    two.sync()
    return 0


def nothing():
    one.sync()
    return 0


commands = {f.__name__: f for f in (fill, push, first_sync, edit, push_edits, pull_edits, nothing)}
print(json.dumps({"ready": True}), flush=True)
for line in sys.stdin:
    command, *rest = line.split()
    began = time.perf_counter()
    try:
        count = commands[command](*rest)
        print(json.dumps({"seconds": time.perf_counter() - began, "count": count}), flush=True)
    except Exception as error:  # noqa: BLE001 - told to whoever asked
        print(json.dumps({"error": repr(error)}), flush=True)
