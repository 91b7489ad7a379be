"""A seeded crowd of people loaded in bulk, for searches that must be measured on many faces."""

import uuid
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import psycopg
from numpy.typing import NDArray
from psycopg import sql

from bigbrother.face.gallery import model_versions
from bigbrother.face.gallery.records import ModelVersion

NOW = datetime(2030, 1, 15, 12, tzinfo=UTC)
_ENROLLED = NOW - timedelta(days=30)


@dataclass(frozen=True)
class Crowd:
    """Who was loaded: row i of every array is one face."""

    model: ModelVersion
    embeddings: NDArray[np.float32]
    """Shape [faces, dimension], unit length."""
    collection: NDArray[np.int64]
    """Which collection, `crowd-<number>`, the face is in."""
    subject: NDArray[np.int64]
    """Which subject, external id `person-<number>`, the face shows."""
    valid: NDArray[np.bool_]
    """Whether the subject's consent holds at NOW."""

    def name(self, collection: int) -> str:
        return f"crowd-{collection}"

    def probe(self, face: int, rng: np.random.Generator) -> NDArray[np.float32]:
        """Another photograph of the person on this face."""
        return photograph(self.embeddings[face], rng)


def unit(vectors: NDArray[np.floating[Any]]) -> NDArray[np.float32]:
    """The vectors, along the last axis, with length 1."""
    lengths = np.linalg.norm(vectors, axis=-1, keepdims=True)
    return np.asarray(vectors / lengths, dtype=np.float32)


def photograph(
    person: NDArray[np.float32], rng: np.random.Generator, similarity: float = 0.75
) -> NDArray[np.float32]:
    """A vector whose cosine to each person's is about `similarity`; shapes are alike."""
    noise = unit(rng.standard_normal(person.shape))
    return unit(similarity * person + np.sqrt(1 - similarity**2) * noise)


def load_crowd(
    conn: psycopg.Connection[Any],
    model: ModelVersion,
    *,
    collections: int,
    subjects: int,
    examples: int,
    expired_share: float,
    seed: int,
) -> Crowd:
    """Loads `subjects` people, spread evenly over the collections, with `examples` faces each.

    Runs as owner and commits. The index is built after the rows, which is some hundred times
    faster than beside them.
    """
    rng = np.random.default_rng(seed)
    people = unit(rng.standard_normal((subjects, model.dimension)))
    of_subject = np.repeat(np.arange(subjects), examples)
    crowd = Crowd(
        model=model,
        embeddings=photograph(people[of_subject], rng),
        collection=of_subject % collections,
        subject=of_subject,
        valid=(rng.random(subjects) >= expired_share)[of_subject],
    )
    model_versions.drop_index(conn, model)
    _copy(conn, crowd, collections, examples)
    model_versions.create_index(conn, model)
    conn.commit()
    conn.autocommit = True
    conn.execute("VACUUM ANALYZE")
    conn.autocommit = False
    return crowd


def _copy(conn: psycopg.Connection[Any], crowd: Crowd, collections: int, examples: int) -> None:
    collection_ids = [uuid.uuid4() for _ in range(collections)]
    with conn.cursor().copy("COPY collection FROM STDIN") as copy:
        for number, identifier in enumerate(collection_ids):
            copy.write_row((identifier, crowd.name(number), "", False, None, _ENROLLED))
    subject_ids = {int(number): uuid.uuid4() for number in crowd.subject[::examples]}
    with conn.cursor().copy("COPY subject FROM STDIN") as copy:
        for face in range(0, len(crowd.subject), examples):
            number = int(crowd.subject[face])
            expires = NOW + timedelta(days=1 if crowd.valid[face] else -1)
            names = (f"person-{number}", f"Person {number}", "{}")
            consent = ("consent", "door", "", expires, None)
            within = collection_ids[crowd.collection[face]]
            copy.write_row((subject_ids[number], within, *names, *consent, _ENROLLED, _ENROLLED))
    with conn.cursor().copy("COPY subject_key FROM STDIN") as copy:
        for identifier in subject_ids.values():
            copy.write_row((identifier, b"not needed here"))
    face_ids = [uuid.uuid4() for _ in crowd.subject]
    with conn.cursor().copy("COPY face FROM STDIN") as copy:
        for face, identifier in enumerate(face_ids):
            subject = subject_ids[int(crowd.subject[face])]
            digest = face.to_bytes(32, "big")
            copy.write_row((identifier, subject, digest, 0, 0, 9, 9, *(6 * [1]), [], _ENROLLED))
    _copy_embeddings(conn, crowd, collection_ids, subject_ids, face_ids)


def _copy_embeddings(
    conn: psycopg.Connection[Any],
    crowd: Crowd,
    collection_ids: list[uuid.UUID],
    subject_ids: dict[int, uuid.UUID],
    face_ids: list[uuid.UUID],
) -> None:
    conn.execute(
        model_versions.compose(
            sql.SQL(
                "CREATE TEMPORARY TABLE given (face_id uuid, subject_id uuid, collection_id uuid, "
                "embedding {vector} ({dimension})) ON COMMIT DROP"
            ),
            crowd.model,
        )
    )
    with conn.cursor().copy("COPY given FROM STDIN (FORMAT binary)") as copy:
        within = [collection_ids[number] for number in crowd.collection]
        shown = [subject_ids[int(number)] for number in crowd.subject]
        copy.write(_binary_rows((face_ids, shown, within), crowd))
    conn.execute(
        model_versions.compose(
            sql.SQL(
                "INSERT INTO {embeddings} (face_id, subject_id, collection_id, embedding, checksum)"
                " SELECT *, sha256({send}(embedding)) FROM given"
            ),
            crowd.model,
        )
    )


def _binary_rows(columns: tuple[list[uuid.UUID], ...], crowd: Crowd) -> bytes:
    """PostgreSQL's binary COPY format; writing 20,000 wide vectors as text takes ten seconds."""
    number = ">f4" if crowd.model.dimension <= 128 else ">f2"
    vector = np.dtype(
        [("dimension", ">i2"), ("unused", ">i2"), ("of", number, crowd.model.dimension)]
    )
    fields: list[Any] = [("fields", ">i2")]
    for column in range(len(columns)):
        fields += [(f"length_{column}", ">i4"), (f"id_{column}", "V16")]
    fields += [("length", ">i4"), ("vector", vector)]
    made = np.zeros(len(crowd.subject), np.dtype(fields))
    made["fields"] = len(columns) + 1
    for column, identifiers in enumerate(columns):
        made[f"length_{column}"] = 16
        made[f"id_{column}"] = np.array([one.bytes for one in identifiers], "V16")
    made["length"] = vector.itemsize
    made["vector"]["dimension"] = crowd.model.dimension
    made["vector"]["of"] = crowd.embeddings
    return b"PGCOPY\n\xff\r\n\0" + bytes(8) + made.tobytes() + b"\xff\xff"
