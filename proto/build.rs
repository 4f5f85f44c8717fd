//! Compiles the schemas with a compiler in Rust, so that no protoc has to be installed.

use std::error::Error;
use std::io::{self, Write};
use std::path::PathBuf;
use std::{env, fs};

use prost::Message;

const SCHEMAS: [&str; 10] = [
    "market.proto",
    "signal.proto",
    "position.proto",
    "plan.proto",
    "decision.proto",
    "order.proto",
    "control.proto",
    "admin.proto",
    "performance.proto",
    "status.proto",
];
/// Messages that are also shown as JSON: the HTTP endpoint and the command line render the very
/// messages of the gRPC service.
const DOCUMENT: [&str; 18] = [
    "ExitBrainStatus",
    "StatusConfig",
    "ExecutorStatus",
    "MetricsStatus",
    "ModeStatus",
    "DemotionStatus",
    "PositionStatus",
    "ServiceStatus",
    "TickToOrder",
    "PlanList",
    "PlanStatus",
    "PlanLegStatus",
    "PlanTighteningStatus",
    "PlanStepStatus",
    "PositionList",
    "StoryList",
    "Story",
    "StoryChapter",
];

fn main() -> Result<(), Box<dyn Error>> {
    for schema in SCHEMAS {
        writeln!(io::stdout(), "cargo:rerun-if-changed={schema}")?;
    }
    let descriptors = protox::compile(SCHEMAS, ["."])?;
    let out = PathBuf::from(env::var("OUT_DIR")?).join("exitbrain.bin");
    fs::write(out, descriptors.encode_to_vec())?;
    let mut builder = tonic_prost_build::configure().btree_map(".");
    for message in DOCUMENT {
        builder = builder.type_attribute(
            format!(".exitbrain.v1.{message}"),
            "#[derive(serde::Serialize)]",
        );
    }
    builder.compile_fds(descriptors)?;
    Ok(())
}
