"""What each figure of a report is called, which way is better, and where it is defined."""

from photochrom.evaluation.results.schema import MetricInfo

__all__ = ["PAIRED", "catalogue"]

#: metrics of photos by which entries are compared in pairs
PAIRED = ("psnr", "ssim", "ciede2000", "ab_error")

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
    MetricInfo("class_agreement", "same class", "%", "higher", "photo", 1.0, 1, "top-1 class as of the true photo"),
    MetricInfo("frechet", "Fréchet distance", "", "lower", "set", 1.0, 2, "Heusel et al. 2017"),
    MetricInfo("lightness_error", "L* error", "", "lower", "photo", None, 3, "mean |L* - L* of the gray picture|"),
)  # fmt: skip


def catalogue(judges: dict[str, str]) -> tuple[MetricInfo, ...]:
    """The metrics of a report, in the order to show them.

    Args:
        judges: names of the networks given to measure with, by what they are for; the metrics of the others are left
            out, and those that use one name it.
    """
    needed = {"lpips": "lpips", "class_agreement": "classifier", "frechet": "features"}
    found = []
    for metric in _KNOWN:
        role = needed.get(metric.key)
        if role is None:
            found.append(metric)
        elif role in judges:
            source = f"{metric.source}; network: {judges[role]}"
            found.append(MetricInfo(**{**vars(metric), "source": source}))
    return tuple(found)
