"""What tests share: tiers, chance that is the same each time, a browser, a cluster, an S3 server, certificates."""

import datetime
import hashlib
import json
import os
import random
import subprocess
import sys
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from filelock import FileLock
from hypothesis import settings

# fixed: the same examples every time; HYPOTHESIS_PROFILE=random: new ones, with how to repeat a failure
settings.register_profile("fixed", derandomize=True, deadline=None)
settings.register_profile("random", derandomize=False, deadline=None, print_blob=True)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "fixed"))

ROOT = Path(__file__).parents[1]
TIERS = ("unit", "integration", "browser", "cluster", "train")
#: fixtures that say what a test needs, whatever file it stands in
TIER_OF_FIXTURE = {"browser": "browser", "checkpoint": "train", "cluster": "cluster", "s3_server": "integration"}
#: folders and files by tier, the longest path that fits counts; everything else is ``unit``
TIER_OF_PATH = {
    "tests/batch/test_cluster.py": "cluster",
    "tests/batch/test_stored_cluster.py": "cluster",
    "tests/cli": "integration",
    "tests/deploy": "integration",
    "tests/evaluation/test_run.py": "integration",
    "tests/models/test_contributing.py": "train",
    "tests/project/test_project.py": "integration",
    "tests/site/test_package.py": "integration",
    "tests/site/test_parity.py": "integration",
    "tests/site/test_private_edition.py": "browser",
    "tests/steering/test_reference_matching.py": "integration",
    "tests/steering/test_variations.py": "integration",
    "tests/test_benchmark.py": "integration",
    "tests/test_colorizer.py": "integration",
    "tests/test_docs.py": "integration",
    "tests/test_quality_network.py": "integration",
    "tests/test_trials.py": "integration",
    "tests/training/test_checkpoint.py": "train",
    "tests/training/test_export.py": "train",
    "tests/training/test_fit.py": "train",
    "tests/training/test_hub.py": "integration",
    "tests/training/test_joining.py": "train",
    "tests/training/test_judge.py": "train",
    "tests/training/test_likeness.py": "train",
    "tests/training/test_logs.py": "train",
    "tests/training/test_overfit.py": "train",
    "tests/training/test_parallel.py": "train",
    "tests/training/test_render_head.py": "train",
    "tests/training/test_resuming.py": "train",
    "tests/training/test_schedule.py": "train",
    "tests/training/test_stored.py": "train",
    "tests/training/test_teacher.py": "train",
    "tests/user_study/test_study.py": "integration",
    "tests/video/test_cli_video.py": "integration",
    "tests/video/test_cluster.py": "cluster",
    "tests/video/test_colored_frames.py": "integration",
    "tests/video/test_guides.py": "integration",
    "tests/video/test_job.py": "integration",
    "tests/video/test_rehearsal.py": "integration",
    "tests/video/test_steady.py": "integration",
    "tests/video/test_writer.py": "integration",
    "tests/web": "integration",
    "tests/web/page": "browser",
}
#: single tests of other files, which take seconds
TIER_OF_TEST = {
    "tests/evaluation/test_faces.py::test_a_set_of_faces": "integration",
    "tests/evaluation/test_faces.py::test_no_gap_where_labels_mean_nothing": "integration",
    "tests/evaluation/test_faces.py::test_the_rule_sees_all_groups_of_real_faces_alike": "integration",
    "tests/evaluation/test_known_answers.py::test_gray_on_the_benchmark": "integration",
    "tests/evaluation/test_known_answers.py::test_the_truth_is_perfect": "integration",
    "tests/inspection/test_findings.py::test_a_network_with_one_answer_has_no_point": "integration",
    "tests/inspection/test_findings.py::test_the_folder_holds_sheets_and_one_page_with_all_of_them": "integration",
    "tests/inspection/test_layers.py::test_groups_of_the_zoo": "integration",
    "tests/inspection/test_layers.py::test_the_activations_are_those_of_the_network": "integration",
    "tests/inspection/test_layers.py::test_two_networks_in_one_file_are_both_gone_through": "integration",
    "tests/recolor/test_recolor.py::test_the_table_for_gray_is_the_exact_way_within_rounding": "integration",
    "tests/video/test_cuts.py::test_all_cuts_of_real_films_and_nothing_else": "integration",
    "tests/video/test_probe.py::test_damaged_films_end_in_one_sentence": "integration",
    "tests/video/test_reader.py::test_broken_frames_are_counted_and_are_the_same_each_time": "integration",
    "tests/video/test_reader.py::test_real_films": "integration",
}


def find_tier(item: pytest.Item) -> str:
    """Returns the tier of a test: its own mark, or what it is listed under, or what its fixtures and its file say."""
    for tier in TIERS:
        if item.get_closest_marker(tier):
            return tier
    for fixture, tier in TIER_OF_FIXTURE.items():
        if fixture in getattr(item, "fixturenames", ()):
            return tier
    path = item.path.relative_to(ROOT).as_posix() if item.path.is_relative_to(ROOT) else ""
    if tier := TIER_OF_TEST.get(f"{path}::{getattr(item, 'originalname', item.name)}"):
        return tier
    places = [place for place in TIER_OF_PATH if path == place or path.startswith(f"{place}/")]
    return TIER_OF_PATH[max(places, key=len)] if places else "unit"


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Gives every test the mark of its tier, before ``-m`` selects by it; files with slow tests come first."""
    slowest: dict[Path, int] = {}
    for item in items:
        tier = find_tier(item)
        if not item.get_closest_marker(tier):
            item.add_marker(tier)
        slowest[item.path] = max(slowest.get(item.path, 0), TIERS.index(tier))
    # processes share the files: none should begin a long one when the others have nothing left
    items.sort(key=lambda item: -slowest[item.path])


@pytest.fixture(autouse=True)
def _same_chance() -> None:
    random.seed(0)
    np.random.seed(0)  # noqa: NPY002 - for libraries that use the global generator
    if "torch" in sys.modules:
        sys.modules["torch"].manual_seed(0)


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    """Chromium, without a window. Playwright runs once in a process and has its event loop there, so it is not kept."""
    sync_api = pytest.importorskip("playwright.sync_api", reason="browser tests need playwright")
    chromium = Path("/usr/bin/chromium")
    if not chromium.exists():
        pytest.skip("browser tests need /usr/bin/chromium")
    quiet = ("--disable-background-networking", "--disable-component-update", "--disable-sync")
    with sync_api.sync_playwright() as playwright:
        flags = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", *quiet]
        found = playwright.chromium.launch(executable_path=chromium, args=flags)
        yield found
        found.close()


@pytest.fixture(scope="module")
def cluster() -> Iterator[Any]:
    """A Ray cluster of two nodes, each a raylet with workers of its own; the head has the store of names too."""
    ray = pytest.importorskip("ray")
    utilities = pytest.importorskip("ray.cluster_utils")
    made = utilities.Cluster(
        initialize_head=True, head_node_args={"num_cpus": 1, "include_dashboard": False, "object_store_memory": 10**8}
    )
    made.add_node(num_cpus=1, object_store_memory=10**8)
    made.wait_for_nodes()
    yield made
    ray.shutdown()
    made.shutdown()


@pytest.fixture
def address(cluster: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """The cluster is the one that ``RAY_ADDRESS`` names."""
    monkeypatch.setenv("RAY_ADDRESS", cluster.address)


@dataclass(frozen=True, eq=False)
class TinyNetwork:
    """A tiny network of the zoo, and its weights file."""

    network: Any
    path: Path


@pytest.fixture(scope="session")
def tiny_network(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], TinyNetwork]:
    """A tiny network by its name in the zoo; each is exported once, by whichever process of the run asks first."""
    torch = pytest.importorskip("torch", reason="exporting needs the train extra")
    # a worker's folder lies in that of the run
    run = tmp_path_factory.getbasetemp()
    folder = (run.parent if "PYTEST_XDIST_WORKER" in os.environ else run) / "tiny-networks"
    folder.mkdir(exist_ok=True)
    known: dict[str, TinyNetwork] = {}

    def make(name: str) -> TinyNetwork:
        from photochrom.models.registry import build
        from photochrom.training.export.model_card import CardText
        from photochrom.training.export.onnx import export_network

        if name not in known:
            torch.manual_seed(1)
            network: Any = build(name, tiny=True).train()
            network.name = name
            enliven(network)
            path = folder / f"{name}.onnx"
            with FileLock(folder / f"{name}.lock"):
                if not path.exists():
                    export_network(
                        network, path, CardText(name="tiny"), architecture=name, samples=7, weight_format="float32"
                    )
            known[name] = TinyNetwork(network, path)
        return known[name]

    return make


def enliven(network: Any) -> None:
    """Has batch norms see something, so that folding them changes numbers, and every part say something."""
    import torch

    with torch.no_grad():
        for parameter in network.parameters():
            if not parameter.any():
                torch.nn.init.normal_(parameter, std=0.1)
        for _ in range(3):
            network(torch.rand(4, 1, 64, 64) * 100)
        network.eval()
        if hasattr(network, "classifier"):
            # so that every kind of network has as much to say
            scores = network.logits(torch.rand(4, 1, 64, 64) * 100)
            network.classifier.weight.mul_(0.5 / scores.std())
        if hasattr(network, "likeness"):
            torch.nn.init.normal_(network.likeness.tell.weight)
        for layer in getattr(network, "modulate", ()):
            # codes that speak, as training would make them
            layer.weight.mul_(40)


@dataclass(frozen=True)
class ObjectStore:
    """A real S3 server in a process of its own, and a bucket in it."""

    address: str
    client: Any
    bucket: str

    def fail(self, *faults: dict[str, Any]) -> None:
        """Has requests fail from now on; benchmarks/s3_server.py says how. Without any, none does."""
        body = json.dumps(faults).encode()
        urllib.request.urlopen(urllib.request.Request(f"{self.address}/-/faults", data=body, method="PUT")).close()

    def left(self) -> list[int]:
        """How often each fault is still to come."""
        with urllib.request.urlopen(f"{self.address}/-/faults") as answer:
            return [fault["times"] for fault in json.load(answer)]

    def put(self, folder: Path, prefix: str = "in") -> str:
        """Uploads a folder; returns its address."""
        for path in sorted(folder.rglob("*")):
            if path.is_file():
                key = f"{prefix}/{path.relative_to(folder).as_posix()}"
                self.client.put_object(Bucket=self.bucket, Key=key, Body=path.read_bytes())
        return f"s3://{self.bucket}/{prefix}"

    def get(self, prefix: str) -> dict[str, bytes]:
        """Everything below a prefix, by name below it."""
        listed = self.client.list_objects_v2(Bucket=self.bucket, Prefix=f"{prefix}/").get("Contents", [])
        read = {each["Key"]: self.client.get_object(Bucket=self.bucket, Key=each["Key"]) for each in listed}
        return {key.removeprefix(f"{prefix}/"): answer["Body"].read() for key, answer in read.items()}

    def deny(self, *actions: str, prefix: str) -> None:
        """Forbids something with what lies below a prefix."""
        resource = f"arn:aws:s3:::{self.bucket}/{prefix}/*"
        statement = {"Effect": "Deny", "Principal": "*", "Action": list(actions), "Resource": resource}
        policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
        self.client.put_bucket_policy(Bucket=self.bucket, Policy=policy)


@pytest.fixture(scope="session")
def s3_server() -> Iterator[tuple[str, Any]]:
    """The address of an S3 server, and a client of it."""
    for module in ("moto", "flask_cors", "s3fs"):
        pytest.importorskip(module, reason="the tests of object stores need the extras cloud and test")
    boto3 = pytest.importorskip("boto3")
    command = [sys.executable, str(ROOT / "benchmarks" / "s3_server.py")]
    server = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert server.stdout is not None
    address = server.stdout.readline().strip()
    keys = {"aws_access_key_id": "tests", "aws_secret_access_key": "tests", "region_name": "us-east-1"}
    client = boto3.client("s3", endpoint_url=address, **keys)
    yield address, client
    client.close()
    server.kill()
    server.wait()
    server.stdout.close()


@pytest.fixture
def s3(s3_server: tuple[str, Any], monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> ObjectStore:
    """A new bucket, which the environment's credentials open."""
    import s3fs

    address, client = s3_server
    monkeypatch.setenv("AWS_ENDPOINT_URL", address)
    for key in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(key, "tests")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    s3fs.S3FileSystem.clear_instance_cache()
    bucket = f"scans-{hashlib.sha256(request.node.nodeid.encode()).hexdigest()[:20]}"
    client.create_bucket(Bucket=bucket)
    store = ObjectStore(address, client, bucket)
    store.fail()
    return store


@dataclass(frozen=True)
class Authority:
    """A certificate chain of two and the signer's key, PEM, and the authority's own certificate."""

    chain: Path
    key: Path
    root: Path


def make_chain(folder: Path, *, valid_days: int = 30, name: str = "Archive of Ålesund") -> Authority:
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

    begin = datetime.datetime.now(datetime.UTC) - datetime.timedelta(days=10)
    keys = [ec.generate_private_key(ec.SECP256R1()) for _ in range(2)]
    names = [
        x509.Name([x509.NameAttribute(NameOID.ORGANIZATION_NAME, name), x509.NameAttribute(NameOID.COMMON_NAME, each)])
        for each in ("Our own root", "Scan room")
    ]
    made = []
    for number, (key, subject) in enumerate(zip(keys, names, strict=True)):
        is_root = number == 0
        usage = dict.fromkeys(
            ("content_commitment", "key_encipherment", "data_encipherment", "key_agreement", "encipher_only"), False
        )
        builder = (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(names[0])
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(begin)
            .not_valid_after(begin + datetime.timedelta(days=10 + valid_days))
            .add_extension(x509.BasicConstraints(is_root, None), critical=True)
            .add_extension(
                x509.KeyUsage(
                    digital_signature=True, key_cert_sign=is_root, crl_sign=is_root, decipher_only=False, **usage
                ),
                critical=True,
            )
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
            .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(keys[0].public_key()), critical=False)
        )
        if not is_root:
            wanted = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.EMAIL_PROTECTION])
            builder = builder.add_extension(wanted, critical=False)
        made.append(builder.sign(keys[0], hashes.SHA256()).public_bytes(serialization.Encoding.PEM))
    found = Authority(folder / "chain.pem", folder / "key.pem", folder / "root.pem")
    folder.mkdir(exist_ok=True)
    found.chain.write_bytes(made[1] + made[0])
    found.root.write_bytes(made[0])
    found.key.write_bytes(
        keys[1].private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
    )
    return found


@pytest.fixture(scope="session")
def chain() -> Callable[..., Authority]:
    """Makes a chain in a folder; ``valid_days`` below 0 for one that has expired."""
    pytest.importorskip("cryptography", reason="the tests make certificates with cryptography")
    return make_chain


@pytest.fixture(scope="session")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    pytest.importorskip("cryptography", reason="the tests make certificates with cryptography")
    return make_chain(tmp_path_factory.mktemp("authority"))
