/// What must hold between the fields of an instance.
extension ManifestForm {
    static let zoneFitsProvider = Rule<Manifest>(
        schema: .of(
            ("if", .of(("properties", .of((provider.key, .of(("const", .text(localProvider)))))))),
            ("then", .of(("properties", .of((zone.key, .of(("const", .text(localZone)))))))),
            ("else", .of(("required", .texts([zone.key]))))),
        check: { manifest, reader in
            if manifest.provider == localProvider, manifest.zone != localZone {
                reader.report(
                    "\(reader.path(of: zone.key)) must be \(localZone) or left out: the provider \(localProvider) has no other",
                    atKey: zone.key)
            }
            guard !manifest.provider.isEmpty, manifest.provider != localProvider, !reader.has(zone.key) else { return }
            let isSlip = Suggestion.meant(by: manifest.provider, among: [localProvider]) != nil
            reader.report(
                "\(reader.path(of: zone.key)) is missing: only the provider \(localProvider) can do without one"
                    + (isSlip ? "; did you mean \(localProvider) by \(manifest.provider)?" : ""),
                atKey: zone.key)
        })

    /// A warning: nothing is lost, and a schema has no warnings.
    static let snapshotNeedsDataDisk = Rule<Manifest> { manifest, reader in
        guard manifest.runtime.dataDiskState == .snapshot, !reader.has(dataDisk.key) else { return }
        let state = runtime.key + "." + dataDiskState.key
        reader.report(
            "\(reader.path(of: state)) is snapshot and means nothing: there is no \(reader.path(of: dataDisk.key))",
            atKey: state, severity: .warning)
    }

    static let portsNeedTransport = Rule<FirewallRule>(
        schema: .of(
            ("if", .of(("required", .texts([ports.key])))),
            ("then", .of(("properties", .of((transport.key, .of(("enum", .texts(withPorts.map(\.rawValue)))))))))),
        check: { rule, reader in
            guard rule.ports != nil, !withPorts.contains(rule.transport) else { return }
            reader.report(
                "\(reader.path(of: ports.key)) must be left out: \(transport.key) \(rule.transport.rawValue) has no ports",
                atKey: ports.key)
        })

    private static let withPorts: [FirewallRule.Transport] = [.tcp, .udp]
}

extension Rule {
    /// Two spellings of one thing: either, not both.
    static func exclusive(_ first: Field<Target>, _ second: Field<Target>) -> Self {
        Rule(schema: .of(("not", .of(("required", .texts([first.key, second.key])))))) { _, reader in
            guard reader.has(first.key), reader.has(second.key) else { return }
            reader.report(
                "\(reader.path(of: second.key)) is another spelling of \(first.key): remove one of them",
                atKey: second.key)
        }
    }
}
