import Instances
import Testing

/// What a commit's message approves.
@Suite struct ApprovalTests {
    private func approval(_ message: String) -> Approval { Approval(commit: "4f2c", message: message) }

    @Test func `trailers are read from lines of their own`() {
        let read = approval("stop\n\nOperator-Approve: a, b\r\noperator-approve:c\td\nOPERATOR-APPROVE: 7\n")
        #expect(read.commit == "4f2c")
        #expect(read.names == Set(["a", "b", "c", "d"].compactMap(InstanceName.init)))
        #expect(read.count == 7)
        #expect(read.diagnostic == nil)
        #expect(approval("Operator-Approve: 5\nOperator-Approve: 2").count == 5)
        #expect(approval("stop\r\n\r\nOperator-Approve: 4\r\nSigned-off-by: A <a@b>\r\n \r\n").count == 4)
        #expect(approval("stop\n\nOperator-Approve: -3, Box, bo_x").names.isEmpty)
    }

    @Test(arguments: [
        "Please Operator-Approve: 7", "Operator-Approve 7", "Operator-Approved: 7", "> Operator-Approve: 7",
        "stop\n\nOperator-Approve", "stop\n\n    Operator-Approve: 7",
    ])
    func `what only resembles a trailer approves nothing`(message: String) {
        #expect(approval(message) == approval(""))
    }

    @Test(arguments: [
        "stop\nOperator-Approve: 7", "stop\n\nBefore we write\nOperator-Approve: 7\nwe talk about it.\n",
        "stop\n\nOperator-Approve: 7\n\nSigned-off-by: A <a@b>\n", "Operator-Approve: 7\n\nand why",
        "stop\n\nOperator-Approve: 7\n(cherry picked from commit 4f2c)",
    ])
    func `a line that stands where no trailer does approves nothing, and is told`(message: String) {
        #expect(approval(message).count == 0)
        #expect(approval(message).diagnostic?.text.contains("last paragraph") == true)
    }

    @Test func `an approval covers each by its name, or all by a count`() {
        let names = ["a", "b"].compactMap(InstanceName.init)
        #expect(approval("Operator-Approve: a, b").covers(names))
        #expect(!approval("Operator-Approve: a").covers(names))
        #expect(approval("Operator-Approve: 2").covers(names))
        #expect(!approval("Operator-Approve: 1").covers(names))
        #expect(!approval("Operator-Approve: a, 1").covers(names))
        #expect(!approval("").covers(names))
    }
}
