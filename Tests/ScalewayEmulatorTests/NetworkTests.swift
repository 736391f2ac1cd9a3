import ScalewayEmulator
import Testing

@Suite struct NetworkTests {
    private let ips = "\(Laboratory.zone)/ips"
    private let groups = "\(Laboratory.zone)/security_groups"
    private let networks = "/vpc/v2/regions/fr-par/private-networks"

    @Test func `a flexible address stays attached over a stop and goes with nothing`() {
        var lab = Laboratory()
        let server = lab.makeServer()
        let ip = lab.expect(201, "POST", ips, ["type": "routed_ipv4"])["ip"]?["id"]?.text ?? ""
        #expect(lab.expect(200, "GET", "\(ips)/\(ip)")["ip"]?["state"] == "detached")
        lab.expect(200, "PATCH", "\(ips)/\(ip)", ["server": .string(server)])
        lab.act("poweron", on: server)
        lab.wait()
        lab.act("poweroff", on: server)
        lab.wait()
        #expect(lab.server(server)["public_ips"]?.items?.first?["id"] == .string(ip))
        #expect(lab.server(server)["public_ip"]?["dynamic"] == false)
        lab.expect(204, "DELETE", "\(Laboratory.zone)/servers/\(server)")
        #expect(lab.expect(200, "GET", "\(ips)/\(ip)")["ip"]?["server"] == .null)
        lab.expect(204, "DELETE", "\(ips)/\(ip)")
        #expect(lab.expect(404, "GET", "\(ips)/\(ip)")["resource"] == "instance_ip")
    }

    @Test func `a dynamic address comes at power on and goes when the server stops`() {
        var lab = Laboratory()
        let server = lab.makeServer(["dynamic_ip_required": true])
        #expect(lab.server(server)["public_ips"] == [])
        lab.act("poweron", on: server)
        #expect(lab.server(server)["public_ips"]?.items?.first?["state"] == "pending")
        lab.wait()
        #expect(lab.server(server)["public_ip"]?["dynamic"] == true)
        #expect(lab.server(server)["public_ip"]?["state"] == "attached")
        lab.act("poweroff", on: server)
        lab.wait()
        #expect(lab.server(server)["public_ip"] == .null)
    }

    @Test func `addresses of both versions are as recorded`() {
        var lab = Laboratory()
        let six = lab.expect(201, "POST", ips, ["type": "routed_ipv6"])["ip"]
        #expect(six?["address"] == .null && six?["prefix"]?.text?.hasSuffix("::/64") == true)
        let id = six?["id"]?.text ?? ""
        let refusal = lab.expect(400, "PATCH", "\(ips)/\(id)", ["reverse": "example.org"])
        #expect(refusal["details"]?.items?.first?["argument_name"] == "reverse")
    }

    @Test func `a private network gives an interface one address of each version and takes them back`() {
        var lab = Laboratory()
        let server = lab.makeServer()
        let network = lab.expect(200, "POST", networks, ["name": "net"])
        #expect(network["subnets"]?.items?.count == 2)
        let id = network["id"]?.text ?? ""
        let nics = "\(Laboratory.zone)/servers/\(server)/private_nics"
        let nic = lab.expect(201, "POST", nics, ["private_network_id": .string(id)])["private_nic"]
        #expect(nic?["state"] == "available" && nic?["ipam_ip_ids"]?.items?.count == 2)
        #expect(lab.server(server)["private_nics"]?.items?.count == 1)
        let nicID = nic?["id"]?.text ?? ""
        let booked = lab.expect(200, "GET", "/ipam/v1/regions/fr-par/ips?resource_id=\(nicID)")
        #expect(booked["total_count"] == 2)
        #expect(booked["ips"]?.items?.first?["resource"]?["type"] == "instance_private_nic")
        #expect(lab.expect(412, "DELETE", "\(networks)/\(id)")["precondition"] == "resource_still_in_use")
        #expect(lab.expect(200, "PATCH", "\(nics)/\(nicID)", ["tags": ["x"]])["tags"] == ["x"])
        lab.expect(204, "DELETE", "\(Laboratory.zone)/servers/\(server)")
        #expect(lab.expect(200, "GET", "/ipam/v1/regions/fr-par/ips")["total_count"] == 0)
        lab.expect(204, "DELETE", "\(networks)/\(id)")
        #expect(lab.expect(404, "GET", "\(networks)/\(id)")["resource"] == "private_network")
    }

    @Test func `a reserved private address survives the interface that used it`() {
        var lab = Laboratory()
        let server = lab.makeServer()
        let network = lab.expect(200, "POST", networks, ["name": "net", "subnets": ["10.1.0.0/22"]])["id"] ?? .null
        let booked = lab.expect(
            200, "POST", "/ipam/v1/regions/fr-par/ips",
            ["source": ["private_network_id": network], "address": "10.1.0.9", "is_ipv6": false])
        #expect(booked["address"] == "10.1.0.9/22" && booked["resource"] == .null)
        let nics = "\(Laboratory.zone)/servers/\(server)/private_nics"
        let nic = lab.expect(
            201, "POST", nics, ["private_network_id": network, "ipam_ip_ids": [booked["id"] ?? .null]])["private_nic"]
        #expect(nic?["ipam_ip_ids"]?.items?.count == 2)
        lab.expect(204, "DELETE", "\(nics)/\(nic?["id"]?.text ?? "")")
        let left = lab.expect(200, "GET", "/ipam/v1/regions/fr-par/ips?attached=false")["ips"]?.items
        #expect(left?.map { $0["id"] } == [booked["id"]])
    }

    @Test func `an unknown project is hidden behind 403 by instance and block, and 404 elsewhere`() {
        var lab = Laboratory()
        let nobody: JSON = "11111111-2222-4333-8444-555555555555"
        #expect(lab.expect(403, "POST", ips, ["project": nobody])["type"] == "permissions_denied")
        #expect(lab.expect(404, "POST", networks, ["project_id": nobody])["resource"] == "project_id")
    }

    @Test func `the rules that nobody can edit stay when the others are replaced`() {
        var lab = Laboratory()
        let group = lab.expect(201, "POST", groups, ["name": "wall", "inbound_default_policy": "drop"])
        let id = group["security_group"]?["id"]?.text ?? ""
        let ssh: JSON = [
            "protocol": "TCP", "direction": "inbound", "action": "accept", "ip_range": "1.1.1.1/32",
            "dest_port_from": 22, "dest_port_to": .null, "position": 0, "editable": .null,
        ]
        let rules = lab.expect(200, "PUT", "\(groups)/\(id)/rules", ["rules": [ssh]])["rules"]?.items
        #expect(rules?.count == 7)
        #expect(rules?.prefix(6).allSatisfy { $0["editable"] == false } == true)
        #expect(rules?.last?["ip_range"] == "1.1.1.1" && rules?.last?["position"] == 1)
        lab.expect(200, "PUT", "\(groups)/\(id)/rules", ["rules": []])
        #expect(lab.expect(200, "GET", "\(groups)/\(id)/rules")["rules"]?.items?.count == 6)
        lab.expect(200, "PATCH", "\(groups)/\(id)", ["enable_default_security": false])
        #expect(lab.expect(200, "GET", "\(groups)/\(id)/rules")["rules"] == [])
    }

    @Test func `a group in use is not deleted`() {
        var lab = Laboratory()
        let id = lab.expect(201, "POST", groups, ["name": "wall"])["security_group"]?["id"]?.text ?? ""
        let server = lab.makeServer(["security_group": .string(id)])
        #expect(lab.server(server)["security_group"]?["name"] == "wall")
        #expect(lab.expect(409, "DELETE", "\(groups)/\(id)")["type"] == "conflict")
        lab.expect(204, "DELETE", "\(Laboratory.zone)/servers/\(server)")
        lab.expect(204, "DELETE", "\(groups)/\(id)")
    }

    @Test func `a label of the marketplace leads to an image that fits the type`() {
        var lab = Laboratory()
        let images = lab.expect(
            200, "GET", "/marketplace/v2/local-images?image_label=ubuntu_jammy&zone=nl-ams-1&type=instance_sbs")
        #expect(images["total_count"] == 2)
        let image = images["local_images"]?.items?.first {
            $0["compatible_commercial_types"]?.items?.contains("PRO2-XXS") == true
        }
        #expect(image?["arch"] == "x86_64" && image?["zone"] == "nl-ams-1")
        let id = image?["id"]?.text ?? ""
        let found = lab.expect(200, "GET", "/instance/v1/zones/nl-ams-1/images/\(id)")["image"]
        #expect(found?["root_volume"]?["volume_type"] == "sbs_snapshot")
        // Its snapshot is somebody else's.
        let root = found?["root_volume"]?["id"]?.text ?? ""
        #expect(lab.send("GET", "/block/v1/zones/nl-ams-1/snapshots/\(root)").status == 403)
        lab.expect(404, "GET", "/marketplace/v2/local-images?image_label=ubuntu_jamy")
    }

    @Test func `keys and projects are there`() {
        var lab = Laboratory()
        let key = lab.expect(
            200, "POST", "/iam/v1alpha1/ssh-keys", ["name": "me", "public_key": "ssh-ed25519 AAAA me"])
        #expect(lab.expect(200, "GET", "/iam/v1alpha1/ssh-keys")["ssh_keys"]?.items?.count == 1)
        lab.expect(204, "DELETE", "/iam/v1alpha1/ssh-keys/\(key["id"]?.text ?? "")")
        let own = lab.expect(200, "GET", "/iam/v1alpha1/api-keys/\(lab.configuration.accessKey)")
        #expect(own["default_project_id"] == .string(lab.configuration.projects[0]))
        let project = lab.expect(200, "POST", "/account/v3/projects", ["name": "second"])["id"] ?? .null
        let server = lab.server(lab.makeServer(["project": project]))
        #expect(server["project"] == project)
        #expect(lab.expect(200, "GET", "/account/v3/projects")["total_count"] == 2)
    }
}
