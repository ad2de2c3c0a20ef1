"""What years do to a print: it fades, unevenly, and is scratched, dusty and creased."""

import math

import numpy as np
from PIL import Image, ImageDraw

from photochrom.color.fast_lab import FloatArray
from photochrom.training.schema import AugmentationOptions

__all__ = ["age"]

#: damage is drawn this many times larger and averaged, so that its edges are soft
FINENESS = 3


def age(lightness: FloatArray, options: AugmentationOptions, rng: np.random.Generator) -> FloatArray:
    """Fades and scratches a lightness plane (H,W), L* 0..100, each by its probability."""
    if rng.random() < options.fade:
        lightness = _fade(lightness, rng)
    if rng.random() < options.scratches:
        lightness = _scratch(lightness, rng)
    return lightness


def _fade(lightness: FloatArray, rng: np.random.Generator) -> FloatArray:
    height, width = lightness.shape
    black, white = rng.uniform(4, 34), rng.uniform(72, 97)
    # a print fades from an edge or in patches: a smooth field
    coarse = rng.normal(0, 1, (int(rng.integers(2, 5)), int(rng.integers(2, 5)))).astype(np.float32)
    field = np.asarray(Image.fromarray(coarse).resize((width, height), Image.Resampling.BICUBIC))
    strength = (1 + rng.uniform(0, 0.35) * field).clip(0, 1.6)
    flat = black + lightness * ((white - black) / 100)
    faded = lightness + (flat - lightness) * strength + field * rng.uniform(0, 3)
    return np.asarray(faded.clip(0, 100), np.float32)


def _scratch(lightness: FloatArray, rng: np.random.Generator) -> FloatArray:
    height, width = lightness.shape
    # scratches in the print are white, those in the negative black; one kind prevails
    light = rng.random() < 0.75
    damage = Image.new("L", (width * FINENESS, height * FINENESS))
    pen = ImageDraw.Draw(damage)
    for _ in range(int(rng.integers(0, 7))):
        _draw_scratch(pen, damage.size, rng)
    for _ in range(int(rng.geometric(0.08))):
        x, y = rng.uniform(0, damage.width), rng.uniform(0, damage.height)
        radius = FINENESS * min(rng.exponential(0.6) + 0.2, 3.0) / 2 * width / 128
        pen.ellipse((x - radius, y - radius, x + radius, y + radius), fill=int(rng.integers(90, 256)))
    if rng.random() < 0.15:
        _draw_crease(pen, damage.size, rng)
    share = np.asarray(damage.resize((width, height), Image.Resampling.BOX), np.float32) / 255
    tone = rng.uniform(86, 100) if light else rng.uniform(0, 14)
    return np.asarray(lightness + (tone - lightness) * share, np.float32)


def _draw_scratch(pen: ImageDraw.ImageDraw, frame: tuple[int, int], rng: np.random.Generator) -> None:
    """Draws a thin line, bent a little, often steep as film and rollers leave it, fading in and out."""
    steps = 12
    length = frame[1] * rng.uniform(0.1, 1.1)
    angle = rng.normal(math.pi / 2, 0.15) if rng.random() < 0.6 else rng.uniform(0, math.pi)
    bend = rng.normal(0, 0.5) / steps
    x, y = rng.uniform(0, frame[0]), rng.uniform(-0.2, 0.9) * frame[1]
    strength, width = rng.uniform(60, 230), max(1, round(FINENESS * rng.uniform(0.3, 1.2) * frame[0] / FINENESS / 128))
    for step in range(steps):
        end = x + math.cos(angle) * length / steps, y + math.sin(angle) * length / steps
        share = math.sin(math.pi * (step + 0.5) / steps) ** 0.5 * rng.uniform(0.6, 1)
        pen.line((x, y, *end), fill=int(strength * share), width=width)
        (x, y), angle = end, angle + bend


def _draw_crease(pen: ImageDraw.ImageDraw, frame: tuple[int, int], rng: np.random.Generator) -> None:
    """Draws a fold across the print, along which the emulsion has broken off."""
    x, slope = rng.uniform(0.15, 0.85) * frame[0], rng.normal(0, 0.25)
    steps = 40
    for step in range(steps):
        top, bottom = (frame[1] * n / steps for n in (step, step + 1))
        width = max(1, round(FINENESS * rng.uniform(0.4, 2.2) * frame[0] / FINENESS / 128))
        shift = slope * frame[1] / steps + rng.normal(0, 1.2)
        pen.line((x, top, x + shift, bottom), fill=int(rng.integers(60, 256)), width=width)
        x += shift
