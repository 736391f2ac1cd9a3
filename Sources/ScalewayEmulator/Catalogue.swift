/// Which instance types there are, with the figures recorded for them.
enum Catalogue {
    struct InstanceType: Sendable {
        let name: String
        var arch = "x86_64"
        let cores: Int
        /// Bytes.
        let memory: Int
        var gpu: GPU?
        /// The most local storage in bytes; 0 where there is block storage only.
        var localStorage = 0
        let hourlyPrice: Double
        let monthlyPrice: Double
        var fileSystems = 0
        /// Bits per second.
        let bandwidth: Int
        /// Bytes per second.
        let blockBandwidth: Int

        struct GPU: Sendable {
            let count: Int
            let name: String
            let memory: Int
        }

        var json: JSON {
            let gpuInfo: JSON =
                gpu.map {
                    ["gpu_manufacturer": "NVIDIA", "gpu_name": .string($0.name), "gpu_memory": .integer($0.memory)]
                } ?? .null
            return [
                "alt_names": [], "arch": .string(arch), "ncpus": .integer(cores), "ram": .integer(memory),
                "gpu": .integer(gpu?.count ?? 0), "gpu_info": gpuInfo, "mig_profile": .null,
                "volumes_constraint": ["min_size": 0, "max_size": .integer(localStorage)],
                "per_volume_constraint": [
                    "l_ssd": [
                        "min_size": .integer(localStorage > 0 ? 1_000_000_000 : 0),
                        "max_size": .integer(localStorage > 0 ? 800_000_000_000 : 0),
                    ]
                ],
                "scratch_storage_max_size": 0, "scratch_storage_max_volumes_count": 0,
                "monthly_price": .number(monthlyPrice), "hourly_price": .number(hourlyPrice),
                "capabilities": [
                    "boot_types": ["local", "rescue"], "placement_groups": true, "block_storage": true,
                    "hot_snapshots_local_volume": .bool(localStorage > 0),
                    "private_network": .integer(Catalogue.interfacesPerServer),
                    "max_file_systems": .integer(fileSystems),
                ],
                "network": [
                    "ipv6_support": true, "sum_internal_bandwidth": .integer(bandwidth),
                    "sum_internet_bandwidth": .integer(bandwidth),
                    "interfaces": [
                        ["internal_bandwidth": .integer(bandwidth), "internet_bandwidth": .integer(bandwidth)]
                    ],
                ],
                "block_bandwidth": .integer(blockBandwidth), "end_of_service": false,
            ]
        }
    }

    static let interfacesPerServer = 8
    /// The root included.
    static let volumesPerServer = 16

    private static let gibibyte = 1 << 30
    private static let megabit = 1_000_000
    private static let mebibyte = 1 << 20

    /// In the order of their names, as the API lists them.
    static let types = [
        InstanceType(
            name: "BASIC2-A2C-4G", arch: "arm64", cores: 2, memory: 4 * gibibyte, hourlyPrice: 0.023,
            monthlyPrice: 16.79, bandwidth: 200 * megabit, blockBandwidth: 80 * mebibyte),
        InstanceType(
            name: "BASIC3-X2C-4G", cores: 2, memory: 4 * gibibyte, hourlyPrice: 0.039449, monthlyPrice: 28.79777,
            fileSystems: 1, bandwidth: 350 * megabit, blockBandwidth: 125 * mebibyte),
        InstanceType(
            name: "DEV1-M", cores: 3, memory: 4 * gibibyte, localStorage: 40_000_000_000, hourlyPrice: 0.020196,
            monthlyPrice: 14.74308, bandwidth: 300 * megabit, blockBandwidth: 150 * mebibyte),
        InstanceType(
            name: "DEV1-S", cores: 2, memory: 2 * gibibyte, localStorage: 20_000_000_000, hourlyPrice: 0.008976,
            monthlyPrice: 6.55248, bandwidth: 200 * megabit, blockBandwidth: 100 * mebibyte),
        InstanceType(
            name: "GP1-S", cores: 8, memory: 32 * gibibyte, localStorage: 300_000_000_000, hourlyPrice: 0.19074,
            monthlyPrice: 139.2402, bandwidth: 800 * megabit, blockBandwidth: 500 * mebibyte),
        InstanceType(
            name: "GP1-XS", cores: 4, memory: 16 * gibibyte, localStorage: 150_000_000_000, hourlyPrice: 0.09282,
            monthlyPrice: 67.7586, bandwidth: 500 * megabit, blockBandwidth: 300 * mebibyte),
        InstanceType(
            name: "L4-1-24G", cores: 8, memory: 48 * gibibyte,
            gpu: InstanceType.GPU(count: 1, name: "L4", memory: 24 * gibibyte), hourlyPrice: 0.7875,
            monthlyPrice: 574.875, fileSystems: 2, bandwidth: 2500 * megabit, blockBandwidth: 1000 * mebibyte),
        InstanceType(
            name: "PLAY2-NANO", cores: 2, memory: 4 * gibibyte, hourlyPrice: 0.02754, monthlyPrice: 20.1042,
            bandwidth: 200 * megabit, blockBandwidth: 80 * mebibyte),
        InstanceType(
            name: "PLAY2-PICO", cores: 1, memory: 2 * gibibyte, hourlyPrice: 0.01428, monthlyPrice: 10.4244,
            bandwidth: 100 * megabit, blockBandwidth: 40 * mebibyte),
        InstanceType(
            name: "POP2-2C-8G", cores: 2, memory: 8 * gibibyte, hourlyPrice: 0.0735, monthlyPrice: 53.655,
            fileSystems: 1, bandwidth: 400 * megabit, blockBandwidth: 400 * mebibyte),
        InstanceType(
            name: "PRO2-XS", cores: 4, memory: 16 * gibibyte, hourlyPrice: 0.1122, monthlyPrice: 81.906,
            bandwidth: 700 * megabit, blockBandwidth: 250 * mebibyte),
        InstanceType(
            name: "PRO2-XXS", cores: 2, memory: 8 * gibibyte, hourlyPrice: 0.0561, monthlyPrice: 40.953,
            bandwidth: 350 * megabit, blockBandwidth: 125 * mebibyte),
        InstanceType(
            name: "STARDUST1-S", cores: 1, memory: 1 * gibibyte, localStorage: 10_000_000_000, hourlyPrice: 0.0006,
            monthlyPrice: 0.438, bandwidth: 100 * megabit, blockBandwidth: 50 * mebibyte),
    ]

    static func type(_ name: String) -> InstanceType? { types.first { $0.name == name } }
}
