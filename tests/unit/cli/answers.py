"""Answers as the face API gives them."""

from typing import Any

WHEN = "2027-01-01T00:00:00Z"
MODEL = {"name": "sface", "version": "2021dec"}
BOX = {"x": 40.0, "y": 60.0, "width": 80.0, "height": 96.0}
QUALITY = {
    "size": 0.9,
    "sharpness": 0.2,
    "pose": 0.9,
    "brightness": 0.9,
    "overall": 0.7,
    "reasons": ["blurred"],
}
LANDMARKS = {
    "right_eye": [60, 90],
    "left_eye": [100, 90],
    "nose": [80, 110],
    "right_mouth": [65, 130],
    "left_mouth": [95, 130],
}
FACE = {"box": BOX, "score": 0.93, "quality": QUALITY, "landmarks": LANDMARKS}
COLLECTION = {
    "name": "staff",
    "description": "Who works here",
    "keep_crops": True,
    "retention": "30 days",
    "created_at": WHEN,
}
SUBJECT = {
    "external_id": "ana",
    "name": "Ana Conceição",
    "metadata": {},
    "consent": {
        "legal_basis": "consent",
        "purpose": "front door",
        "reference": "form 17",
        "expires_at": None,
        "withdrawn_at": None,
    },
    "faces": 1,
    "created_at": WHEN,
    "updated_at": WHEN,
}
ENROLLED = {
    "id": "0198c3a2-6b1e-7c55-9d0e-3f2a8b7c6d5e",
    "external_id": "ana",
    "box": BOX,
    "score": 0.93,
    "quality": QUALITY,
    "image_sha256": "00",
    "has_crop": True,
    "models": ["sface@2021dec"],
    "created_at": WHEN,
}
MATCH = {
    "external_id": "ana",
    "name": "Ana Conceição",
    "similarity": 0.71,
    "face_id": ENROLLED["id"],
    "metadata": {},
}
TOKEN = {"id": "t-1", "name": "till", "role": "reader", "created_at": WHEN, "expires_at": None}


def analysis(*faces: dict[str, Any]) -> dict[str, Any]:
    image = {
        "id": "1",
        "width": 320,
        "height": 240,
        "faces_found": len(faces),
        "faces": list(faces),
        "error": None,
    }
    return {"model": MODEL, "images": [image]}


def verification(*, match: bool) -> dict[str, Any]:
    compared = {"box": BOX, "score": 0.9, "quality": QUALITY}
    return {
        "match": match,
        "similarity": 0.5 if match else 0.1,
        "threshold": 0.36,
        "false_match_rate": 0.001,
        "face_a": compared,
        "face_b": compared,
        "model": MODEL,
    }


def identification(*matches: dict[str, Any]) -> dict[str, Any]:
    return {
        "threshold": 0.5,
        "false_positive_rate": 0.01,
        "searched_faces": 3,
        "model": MODEL,
        "faces": [{"box": BOX, "score": 0.9, "quality": QUALITY, "matches": list(matches)}],
    }


def page(*items: dict[str, Any]) -> dict[str, Any]:
    return {"items": list(items), "next_cursor": None}
