"""The metrics of a report: what each is called, which way is better, and where it is defined."""

from dataclasses import replace

from photochrom.evaluation.metrics.cast import BAND_EDGES, BANDS
from photochrom.evaluation.results.schema import MetricInfo

__all__ = ["PAIRED", "list_metrics"]

#: metrics of photos by which entries are compared in pairs
PAIRED = ("psnr", "ssim", "ciede2000", "ab_error")

_CAST = "mean signed difference of {} from the truth: above 0 towards {}, below towards {}"
_BAND_WORDS = (f"under {BAND_EDGES[0]:.0f}", f"{BAND_EDGES[0]:.0f} to {BAND_EDGES[1]:.0f}", f"over {BAND_EDGES[1]:.0f}")
_KNOWN = (
    MetricInfo("psnr", "PSNR", "dB", "higher", "photo", 0.0, 2, "peak signal-to-noise ratio over sRGB"),
    MetricInfo("ssim", "SSIM", "", "higher", "photo", 0.0, 4, "Wang, Bovik, Sheikh & Simoncelli 2004"),
    MetricInfo("ms_ssim", "MS-SSIM", "", "higher", "photo", 0.0, 4, "Wang, Simoncelli & Bovik 2003"),
    MetricInfo("lpips", "LPIPS", "", "lower", "photo", 0.0, 4, "Zhang, Isola, Efros, Shechtman & Wang 2018"),
    MetricInfo("ciede2000", "CIEDE2000", "", "lower", "photo", 0.0, 2, "Sharma, Wu & Dalal 2005"),
    MetricInfo("ab_error", "a*b* error", "", "lower", "photo", 0.0, 2, "mean Euclidean distance in the a*b* plane"),
    MetricInfo("accuracy", "within 15", "%", "higher", "photo", 0.0, 1, "share of pixels with a*b* error up to 15"),
    MetricInfo("auc_raw", "AuC", "", "higher", "set", 0.0, 2, "Zhang, Isola & Efros 2016"),
    MetricInfo("auc_rebalanced", "AuC rebalanced", "", "higher", "set", 1.0, 2, "the same, every colour alike"),
    MetricInfo("ab_histogram", "a*b* histogram", "", "lower", "set", 1.0, 3, "Jensen-Shannon distance, Lin 1991"),
    MetricInfo("colorfulness", "colourfulness", "", "truth", "photo", 1.0, 1, "Hasler & Süsstrunk 2003"),
    MetricInfo("colorfulness_abs", "with abs()", "", "truth", "photo", 1.0, 1, "the same with abs() taken first"),
    MetricInfo("colorfulness_truth", "of the truth", "", "truth", "photo", 1.0, 1, "Hasler & Süsstrunk 2003"),
    MetricInfo(
        "colorfulness_difference", "off the truth's", "", "lower", "photo", 1.0, 1, "mean of |result - truth|"
    ),
    MetricInfo(
        "colorfulness_ratio", "colourfulness ratio", "%", "truth", "set", 1.0, 1,
        "colourfulness of the results in percent of that of their truths", target=100.0,
    ),
    MetricInfo("cast_a", "a* cast", "", "truth", "photo", 1.0, 2, _CAST.format("a*", "red", "green"), target=0.0),
    MetricInfo("cast_b", "b* cast", "", "truth", "photo", 1.0, 2, _CAST.format("b*", "yellow", "blue"), target=0.0),
    *(
        MetricInfo(
            f"cast_{axis}_{band}", f"{axis}* cast, {band}", "", "truth", "set", 1.0, 2,
            f"the same over pixels of true L* {where}", target=0.0,
        )
        for band, where in zip(BANDS, _BAND_WORDS, strict=True)
        for axis in "ab"
    ),
    MetricInfo("class_agreement", "same class", "%", "higher", "photo", 1.0, 1, "top-1 class as of the true photo"),
    MetricInfo("frechet", "Fréchet distance", "", "lower", "set", 1.0, 2, "Heusel et al. 2017"),
    MetricInfo("lightness_error", "L* error", "", "lower", "photo", None, 3, "mean |L* - L* of the gray image|"),
)  # fmt: skip


def list_metrics(networks: dict[str, str]) -> tuple[MetricInfo, ...]:
    """Returns the metrics of a report, in the order to show them.

    Args:
        networks: names of the networks given to measure with, by what they are for; the metrics of the others are left
            out, and those that use one name it.
    """
    needed = {"lpips": "lpips", "class_agreement": "classifier", "frechet": "fid_features"}
    metrics = []
    for metric in _KNOWN:
        role = needed.get(metric.key)
        if role is None:
            metrics.append(metric)
        elif role in networks:
            metrics.append(replace(metric, source=f"{metric.source}; network: {networks[role]}"))
    return tuple(metrics)
