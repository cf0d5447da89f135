import Foundation
import PrefLearning

let arguments = Array(CommandLine.arguments.dropFirst())
guard let command = arguments.first, arguments.count >= 2 else {
    print("learning-benchmark reference|types|run FOLDER [--data FILE]")
    exit(2)
}
let folder = arguments[1]
switch command {
case "reference": try printReference(folder)
case "types": try printTypes(folder)
case "simulate": Simulation(pool: try differences(folder, count: 2000)).print()
case "variants": try variants(folder)
default: try run(folder, Array(arguments.dropFirst(2)))
}
