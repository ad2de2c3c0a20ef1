"""Manifests and scripts for several machines, checked without any: against schemas, and with Slurm played by stubs.

``kubernetes_v1_31.json`` holds what the manifests use of the strict schemas of Kubernetes 1.31 (Apache-2.0), and
``rayjob_v1.json`` that of KubeRay's RayJob (Apache-2.0) without the templates of its pods, which are checked as such.
"""

import json
import os
import re
import shlex
import stat
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from photochrom.cli.main import main

yaml: Any = pytest.importorskip("yaml", reason="manifests are YAML")
jsonschema: Any = pytest.importorskip("jsonschema")

ROOT = Path(__file__).parents[2]
DEPLOY = ROOT / "deploy"
KUBERNETES = json.loads((Path(__file__).parent / "kubernetes_v1_31.json").read_text())
RAYJOB = json.loads((Path(__file__).parent / "rayjob_v1.json").read_text())
KINDS = {
    "ConfigMap": "io.k8s.api.core.v1.ConfigMap",
    "Deployment": "io.k8s.api.apps.v1.Deployment",
    "NetworkPolicy": "io.k8s.api.networking.v1.NetworkPolicy",
    "PersistentVolumeClaim": "io.k8s.api.core.v1.PersistentVolumeClaim",
    "Service": "io.k8s.api.core.v1.Service",
    "StatefulSet": "io.k8s.api.apps.v1.StatefulSet",
}
POD = "io.k8s.api.core.v1.PodTemplateSpec"


def faults(manifest: object, definition: str) -> list[str]:
    schema = KUBERNETES | {"$ref": f"#/$defs/{definition}"}
    return [error.message for error in jsonschema.Draft202012Validator(schema).iter_errors(manifest)]


@pytest.fixture(scope="module")
def manifests() -> dict[tuple[str, str], Any]:
    items = yaml.safe_load((DEPLOY / "kubernetes.yaml").read_text())["items"]
    found = {(item["kind"], item["metadata"]["name"]): item for item in items}
    assert len(found) == len(items)
    return found


@pytest.fixture(scope="module")
def rayjob() -> Any:
    return yaml.safe_load((DEPLOY / "rayjob.yaml").read_text())


def pods(manifests: dict[tuple[str, str], Any]) -> dict[str, Any]:
    return {
        name: item["spec"]["template"] for (_, name), item in manifests.items() if "template" in item.get("spec", {})
    }


def test_manifests_fit_the_schema(manifests) -> None:
    for (kind, name), item in manifests.items():
        assert faults(item, KINDS[kind]) == [], name


def test_the_schema_finds_what_is_wrong(manifests, rayjob) -> None:
    web = json.loads(json.dumps(manifests["Deployment", "web"]))
    web["spec"]["template"]["spec"]["containers"][0]["imagee"] = "x"
    web["spec"]["replicas"] = "two"
    assert len(faults(web, KINDS["Deployment"])) == 2
    wrong = json.loads(json.dumps(rayjob))
    wrong["spec"]["rayClusterSpec"]["workerGroupSpecs"][0]["replica"] = 4
    assert len(list(jsonschema.Draft202012Validator(RAYJOB).iter_errors(wrong))) == 1


def test_parts_of_the_service_find_each_other(manifests) -> None:
    settings = manifests["ConfigMap", "photochrom"]["data"]
    queue = re.fullmatch(r"redis://(\w+):(\d+)/0", settings["PHOTOCHROM_QUEUE_URL"])
    assert queue
    service = manifests["Service", queue[1]]
    assert service["spec"]["ports"][0]["port"] == int(queue[2])
    templates = pods(manifests)
    for item in manifests.values():
        if item["kind"] == "Service":
            chosen = [pod for pod in templates.values() if pod["metadata"]["labels"] == item["spec"]["selector"]]
            (ports,) = [{port["name"] for port in pod["spec"]["containers"][0]["ports"]} for pod in chosen]
            assert {port["targetPort"] for port in item["spec"]["ports"]} <= ports
    for name in ("web", "worker"):
        spec = templates[name]["spec"]
        (container,) = spec["containers"]
        assert {"configMapRef": {"name": "photochrom"}} in container["envFrom"]
        mounts = {mount["mountPath"]: mount["name"] for mount in container["volumeMounts"]}
        # all see one storage, and what may be written is mounted
        claim = next(volume for volume in spec["volumes"] if volume["name"] == mounts["/data"])
        assert manifests["PersistentVolumeClaim", claim["persistentVolumeClaim"]["claimName"]]["spec"][
            "accessModes"
        ] == ["ReadWriteMany"]
        assert settings["PHOTOCHROM_STORAGE_URL"].startswith("/data")
        assert settings["TMPDIR"] in mounts
        assert main([container["args"][0], "--help"]) == 0
    for name, pod in templates.items():
        locked = pod["spec"]["containers"][0]["securityContext"]
        assert pod["spec"]["securityContext"]["runAsNonRoot"], name
        assert (locked["readOnlyRootFilesystem"], locked["capabilities"]) == (True, {"drop": ["ALL"]}), name
    user = re.search(r"--uid (\d+)", (ROOT / "Dockerfile").read_text())
    assert user
    assert templates["web"]["spec"]["securityContext"]["runAsUser"] == int(user[1])


def test_the_run_on_kuberay_fits_its_schema(rayjob, capsys) -> None:
    assert list(jsonschema.Draft202012Validator(RAYJOB).iter_errors(rayjob)) == []
    cluster = rayjob["spec"]["rayClusterSpec"]
    for group in (cluster["headGroupSpec"], *cluster["workerGroupSpecs"]):
        assert faults(group["template"], POD) == []
    # one image for all: Ray wants the same versions everywhere
    images = {
        container["image"]
        for group in (cluster["headGroupSpec"], *cluster["workerGroupSpecs"])
        for container in group["template"]["spec"]["containers"]
    }
    assert len(images) == 1
    words = shlex.split(rayjob["spec"]["entrypoint"])
    assert words[:4] == ["env", "RAY_ADDRESS=auto", "photochrom", "colorize"]
    assert main(["colorize", "--help"]) == 0
    known = capsys.readouterr().out
    assert all(word in known for word in words[4:] if word.startswith("-"))


#: notes what is asked of it, and does what Slurm would as far as the scripts need it
STUB = """#!{python}
import os, sys
name = os.path.basename(sys.argv[0])
with open({log!r}, "a") as log:
    print(name, *sys.argv[1:], "RAY_ADDRESS=" + os.environ.get("RAY_ADDRESS", ""), file=log)
if name == "scontrol":
    print("node-a", "node-b", "node-c", sep="\\n")
"""


@pytest.mark.skipif(sys.platform == "win32", reason="Slurm's scripts are bash")
@pytest.mark.parametrize("nodes", [1, 3])
def test_slurm_begins_a_head_then_workers_then_the_run(nodes, tmp_path) -> None:
    said = run_script("colorize.sbatch", tmp_path, nodes, ["s3://a/in", "-o", "s3://a/out dir/", "--resume"])
    starts = [line for line in said if line.startswith("srun")]
    assert len(starts) == min(nodes, 2)
    head = next(line for line in starts if "--head" in line)
    assert "--nodelist=node-a" in head
    assert "--port=20123" in head
    assert "--num-cpus=8" in head
    for line in starts:
        if line != head:
            assert "--exclude=node-a" in line
            assert f"--nodes={nodes - 1} --ntasks={nodes - 1}" in line
            assert "ray start --address=node-a:20123" in line
    run = "photochrom colorize s3://a/in -o s3://a/out dir/ --resume --backend ray RAY_ADDRESS=node-a:20123"
    assert run in said


@pytest.mark.skipif(sys.platform == "win32", reason="Slurm's scripts are bash")
def test_slurm_begins_a_training_on_all_nodes(tmp_path) -> None:
    (line,) = [
        line for line in run_script("train.sbatch", tmp_path, 2, ["recipe.yaml", "seed=3"]) if line.startswith("srun")
    ]
    words = line.split()
    assert words[1] == "torchrun"
    assert {"--nnodes=2", "--nproc-per-node=4", "--rdzv-id=123", "--rdzv-endpoint=node-a:20123"} <= set(words)
    assert line.split(" RAY_ADDRESS")[0].endswith("-m photochrom train recipe.yaml seed=3")


def run_script(name: str, folder: Path, nodes: int, arguments: list[str]) -> list[str]:
    log = folder / "log"
    for stub in ("srun", "scontrol", "ray", "photochrom"):
        path = folder / stub
        path.write_text(STUB.format(python=sys.executable, log=str(log)))
        path.chmod(path.stat().st_mode | stat.S_IXUSR)
    slurm = {
        "SLURM_JOB_NODELIST": "node-[a-c]",
        "SLURM_JOB_NUM_NODES": str(nodes),
        "SLURM_JOB_ID": "123",
        "SLURM_CPUS_PER_TASK": "8",
        "SLURM_GPUS_ON_NODE": "4",
    }
    environment = os.environ | slurm | {"PATH": f"{folder}{os.pathsep}{os.environ['PATH']}"}
    environment.pop("RAY_ADDRESS", None)
    # what runs in the background writes to the log, so the end of all of it is waited for
    command = ["bash", "-c", '. "$0" "$@"; wait', str(DEPLOY / name), *arguments]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    return log.read_text().splitlines()
