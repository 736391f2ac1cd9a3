"""Drives a server of Scaleway's API through the official SDK: create, power on, snapshot, detach, delete, restore.

Each API may have its own address (SCW_API_URL_BLOCK and so on), for a proxy in front of it. Prints what it did; the
first thing that is not as it should be ends it with an exception.
"""

import os
import time

from scaleway import Client
from scaleway.block.v1 import (
    BlockV1API,
    CreateVolumeRequestFromEmpty,
    CreateVolumeRequestFromSnapshot,
)
from scaleway.iam.v1alpha1 import IamV1Alpha1API
from scaleway.instance.v1 import (
    AttachServerVolumeRequestVolumeType,
    InstanceV1API,
    ServerAction,
    VolumeServerTemplate,
    VolumeVolumeType,
)
from scaleway.instance.v1.custom_api import InstanceUtilsV1API
from scaleway.ipam.v1 import IpamV1API
from scaleway.marketplace.v2 import LocalImageType, MarketplaceV2API
from scaleway.vpc.v2 import VpcV2API
from scaleway_core.api import ScalewayException

ZONE, REGION, TYPE = "fr-par-1", "fr-par", "DEV1-S"


def client(api):
    url = os.environ.get("SCW_API_URL_" + api) or os.environ["SCW_API_URL"]
    return Client(
        access_key=os.environ["SCW_ACCESS_KEY"],
        secret_key=os.environ["SCW_SECRET_KEY"],
        default_project_id=os.environ["SCW_DEFAULT_PROJECT_ID"],
        default_organization_id=os.environ["SCW_DEFAULT_ORGANIZATION_ID"],
        default_zone=ZONE,
        default_region=REGION,
        api_url=url,
    )


instance = InstanceV1API(client("INSTANCE"))
utils = InstanceUtilsV1API(client("INSTANCE"))
block = BlockV1API(client("BLOCK"))
vpc = VpcV2API(client("VPC"))
ipam = IpamV1API(client("IPAM"))
marketplace = MarketplaceV2API(client("MARKETPLACE"))
iam = IamV1Alpha1API(client("IAM"))


def until(what, read, good, seconds=30):
    end = time.monotonic() + seconds
    while True:
        value = read()
        if good(value):
            return value
        assert time.monotonic() < end, f"{what}: still {value}"
        time.sleep(0.02)


def refused(call, status, kind=None):
    try:
        call()
    except ScalewayException as error:
        assert error.status_code == status, error
        if kind:
            assert error.response.json()["type"] == kind, error
        return
    raise AssertionError(f"expected {status}")


def act(server_id, action, state):
    instance.server_action(server_id=server_id, action=action)
    until(
        action,
        lambda: instance.get_server(server_id=server_id).server.state,
        lambda now: now == state,
    )


def volume_state(volume_id, *wanted):
    return until(
        "volume",
        lambda: block.get_volume(volume_id=volume_id),
        lambda volume: volume.status in wanted
        and all(r.status in ("attached", "detached") for r in volume.references),
    )


def prepare():
    key = iam.get_api_key(access_key=os.environ["SCW_ACCESS_KEY"])
    assert key.default_project_id == os.environ["SCW_DEFAULT_PROJECT_ID"]
    assert iam.list_quota(organization_id=os.environ["SCW_DEFAULT_ORGANIZATION_ID"]).total_count > 0
    assert TYPE in instance.list_servers_types(per_page=100).servers
    assert instance.get_server_types_availability(per_page=100).servers[TYPE].availability == "available"
    assert instance.get_dashboard().dashboard.servers_count == 0
    images = marketplace.list_local_images_all(
        image_label="ubuntu_jammy", zone=ZONE, type_=LocalImageType.INSTANCE_SBS
    )
    return next(i for i in images if TYPE in i.compatible_commercial_types)


def look_around(network, group):
    """Reads what the way from create to restore does not need."""
    assert block.list_volume_types().volume_types[0].type_ == "sbs_5k"
    assert vpc.list_vp_cs().vpcs[0].is_default
    assert vpc.get_private_network(private_network_id=network).id == network
    assert len(vpc.list_subnets().subnets) == 2
    assert len(instance.list_security_group_rules(security_group_id=group).rules) == 6
    assert len(instance.list_ips().ips) == 1
    assert instance.list_images().images == []
    assert instance.list_volumes().volumes == []
    assert iam.list_ssh_keys().total_count == 0
    assert marketplace.list_images(include_eol=False).total_count > 0
    refused(lambda: marketplace.list_local_images(image_label="no_such_image"), 404, "not_found")


def make_server(name, image, volumes, network, group):
    server = instance._create_server(
        name=name,
        commercial_type=TYPE,
        dynamic_ip_required=False,
        protected=False,
        image=image,
        volumes=volumes,
        security_group=group,
        tags=["owner=test"],
    ).server
    nic = instance.create_private_nic(server_id=server.id, private_network_id=network).private_nic
    assert len(nic.ipam_ip_ids) == 2
    utils.set_server_user_data(server_id=server.id, key="cloud-init", content=b"#cloud-config\n")
    assert utils.get_server_user_data(server_id=server.id, key="cloud-init").content == b"#cloud-config\n"
    return server


def stop(server, data):
    """Keeps the newest data in a snapshot and lets everything else go."""
    act(server.id, ServerAction.POWEROFF, "stopped")
    refused(lambda: block.delete_volume(volume_id=data.id), 412, "precondition_failed")
    instance.detach_server_volume(server_id=server.id, volume_id=data.id)
    volume_state(data.id, "available")
    root = next(iter(instance.get_server(server_id=server.id).server.volumes.values())).id
    instance.delete_server(server_id=server.id)
    refused(lambda: instance.get_server(server_id=server.id), 404, "not_found")
    snapshot = block.create_snapshot(volume_id=data.id, name="cut", public=False, tags=["owner=test"])
    until(
        "snapshot",
        lambda: block.get_snapshot(snapshot_id=snapshot.id).status,
        lambda status: status == "available",
    )
    for volume in (data.id, root):
        volume_state(volume, "available")
        block.delete_volume(volume_id=volume)
        refused(lambda: block.get_volume(volume_id=volume), 404, "not_found")
    assert block.get_snapshot(snapshot_id=snapshot.id).parent_volume is None
    return snapshot


def run():
    image = prepare()
    network = vpc.create_private_network(default_route_propagation_enabled=False, name="net")
    group = instance.create_security_group(
        name="wall", description="", stateful=True, inbound_default_policy="drop", outbound_default_policy="accept"
    ).security_group
    ip = instance.create_ip(type_="routed_ipv4").ip
    look_around(network.id, group.id)
    data = block.create_volume(
        name="data", from_empty=CreateVolumeRequestFromEmpty(size=10_000_000_000), tags=["owner=test"]
    )
    volume_state(data.id, "available")
    server = make_server("first", image.id, {}, network.id, group.id)
    instance.update_ip(ip=ip.id, server=server.id)
    instance.attach_server_volume(
        server_id=server.id, volume_id=data.id, volume_type=AttachServerVolumeRequestVolumeType.SBS_VOLUME
    )
    volume_state(data.id, "in_use")
    act(server.id, ServerAction.POWERON, "running")
    assert [s.id for s in instance.list_servers_all(tags=["owner=test"])] == [server.id]
    assert [v.id for v in block.list_volumes_all(include_deleted=False, tags=["owner=test"])] == [data.id]
    assert len(ipam.list_i_ps_all(private_network_id=network.id)) == 2
    snapshot = stop(server, data)

    restored = block.create_volume(
        name="data", from_snapshot=CreateVolumeRequestFromSnapshot(snapshot_id=snapshot.id), tags=["owner=test"]
    )
    volume_state(restored.id, "available")
    again = make_server(
        "second",
        image.id,
        {"1": VolumeServerTemplate(id=restored.id, volume_type=VolumeVolumeType.SBS_VOLUME)},
        network.id,
        group.id,
    )
    act(again.id, ServerAction.POWERON, "running")
    newest = stop(again, restored)
    block.delete_snapshot(snapshot_id=snapshot.id)
    instance.delete_ip(ip=ip.id)
    instance.delete_security_group(security_group_id=group.id)
    vpc.delete_private_network(private_network_id=network.id)
    print("the data is in", newest.id)


if __name__ == "__main__":
    run()
