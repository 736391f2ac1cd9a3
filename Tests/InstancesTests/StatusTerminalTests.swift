import Instances
import Testing

@Suite struct StatusTerminalTests {
    @Test(arguments: [
        ("plain", "plain"),
        ("", ""),
        ("Zürich 日本 🙂", "Zürich 日本 🙂"),
        ("\u{1b}[31mred", "<U+001B>[31mred"),
        ("\u{9b}31m", "<U+009B>31m"),
        ("a\nb\r\tc", "a<U+000A>b<U+000D><U+0009>c"),
        ("a\r\nb", "a<U+000D><U+000A>b"),
        ("\u{202e}gpj.exe", "<U+202E>gpj.exe"),
        ("\u{2066}\u{200b}\u{feff}\u{ad}\u{7f}\u{0}", "<U+2066><U+200B><U+FEFF><U+00AD><U+007F><U+0000>"),
        ("\u{e0041}", "<U+E0041>"),
    ])
    func `what would not be seen is made visible`(text: String, shown: String) {
        #expect(terminalText(text) == shown)
    }

    @Test(arguments: [
        ("x ##[add-mask]y", "x ##<U+005B>add-mask]y"), ("##vso[task.setvariable]x", "##vso<U+005B>task.setvariable]x"),
        ("é##[group]", "é##<U+005B>group]"), ("#[x] [##] vso[x]", "#[x] [##] vso[x]"),
    ])
    func `what a CI runner would take for a command is text`(text: String, shown: String) {
        #expect(terminalText(text) == shown)
        #expect(terminalText(shown) == shown)
    }

    @Test func `long text ends in an ellipsis`() {
        #expect(terminalText("abcdef", limit: 3) == "abc…")
        #expect(terminalText("abc", limit: 3) == "abc")
        #expect(terminalText("日本語", limit: 2) == "日本…")
    }

    @Test func `a table is aligned and leaves out empty columns`() {
        #expect(
            statusTable([StatusExample.web, StatusExample.gpu]) == """
                NAME     STATE     SINCE (UTC)          DESIRED             WHERE              SERVER\
                                   DISKS                 SNAPSHOTS                      WAITING FOR
                gpu-box  stopping  2026-07-30 12:56:15                      scaleway/fr-par-2  L4-1-24G, s-2\
                            data 10.5 GB (busy)                                  powering off server s-2
                web      running   2026-07-30 12:56:15  running, data live  local/local        \
                c1-m256, s-1, 192.0.2.1  root 1 GB, data 2 GB  1, newest 2026-07-30 12:56:15

                """)
        var off = StatusExample.database
        off.provider = "local"
        #expect(
            statusTable([off]).split(separator: "\n")[0]
                == "NAME      STATE    SINCE (UTC)          WHERE        WAITING FOR")
        #expect(statusTable([]) == "NAME\n")
    }

    @Test func `a line is cut at the width of the terminal`() {
        let lines = statusTable([StatusExample.web, StatusExample.gpu], width: 40).split(separator: "\n")
        #expect(lines.allSatisfy { $0.count == 40 && $0.hasSuffix("…") })
    }

    @Test func `nothing but text and line feeds is ever printed`() {
        for seed in UInt64(0)..<150 {
            var generator = StatusGenerator(seed: seed)
            let statuses = generator.list(upTo: 5) { $0.status() }
            let table = statusTable(statuses, width: generator.maybe { _ in 80 })
            #expect(table.utf8.count { $0 == 0x0A } == statuses.count + 1)
            for text in [table] + statuses.map(statusDetail) {
                #expect(text.unicodeScalars.allSatisfy { $0 == "\n" || terminalText(String($0)) == String($0) })
            }
            for status in statuses {
                #expect(statusDetail(status).utf8.count { $0 == 0x0A } >= 6)
            }
        }
    }

    @Test(
        arguments: [
            (0, "0 GB"), (4096, "0 MB"), (1 << 20, "1.05 MB"), (999_000_000, "999 MB"),
            (10_737_418_240, "10.73741824 GB"),
        ] as [(Int64, String)])
    func `a small disk is told in megabytes`(bytes: Int64, words: String) {
        var web = StatusExample.web
        web.storages[1].size = DiskSize(bytes: bytes)
        #expect(statusDetail(web).contains("d-2, data, \(words), attached"))
    }

    @Test func `everything about one instance`() {
        var web = StatusExample.web
        web.intents = [
            Intent(kind: "delete", operation: Operation(epoch: 1, nonce: "ab"), resource: .disk(DiskID("d-0")))
        ]
        web.foreign = [.server(ServerID("s-9"))]
        #expect(
            statusDetail(web) == """
                name         web
                state        running since 2026-07-30 12:56:15 UTC
                desired      running, data live
                where        local/local
                manifest     web.yaml
                commit       4f2c1d2e9a
                labels       team=shop
                Ready        True, Converged: running with its data disk
                Reconciling  False, Settled
                Stalled      False, Unhindered
                server       s-1, running, c1-m256, 192.0.2.1
                disk         d-1, root, 1 GB, attached, boots, attached to s-1
                disk         d-2, data, 2 GB, attached, attached to s-1
                snapshot     p-1, data, 2 GB, available, of disk d-0, 2026-07-30 12:56:15
                under way    delete disk d-0, operation 1-ab
                not its own  server s-9, never touched
                history      2026-07-30 12:56:15 Converged: running with its data disk

                """)
    }
}
