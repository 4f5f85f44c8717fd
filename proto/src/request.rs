//! An incumbent's question for a plan, and the answer.

use domain::plan::convert::DynamicTpsl;
use domain::plan::request::{PlanReply, PlanRequest};

use crate::body::Body;
use crate::error::WireError;
use crate::position::{read_key, write_key};
use crate::read;
use crate::wire;
use crate::wire::plan_reply::Answer;

fn write_tpsl(plan: &DynamicTpsl) -> wire::DynamicTpsl {
    wire::DynamicTpsl {
        tp_percent: Some(plan.tp_percent.to_string()),
        sl_percent: Some(plan.sl_percent.to_string()),
        trail_percent: Some(plan.trail_percent.to_string()),
        partial_tp: Some(plan.partial_tp),
        rationale: read::clipped(&plan.rationale),
        confidence: Some(plan.confidence.to_string()),
    }
}

fn read_tpsl(plan: wire::DynamicTpsl) -> Result<DynamicTpsl, WireError> {
    Ok(DynamicTpsl {
        tp_percent: read::distance("tp_percent", plan.tp_percent)?,
        sl_percent: read::distance("sl_percent", plan.sl_percent)?,
        trail_percent: read::distance("trail_percent", plan.trail_percent)?,
        partial_tp: read::required("partial_tp", plan.partial_tp)?,
        rationale: read::text("rationale", plan.rationale)?,
        confidence: read::share("confidence", plan.confidence)?,
    })
}

fn read_answer(answer: Answer) -> Result<Result<DynamicTpsl, String>, WireError> {
    Ok(match answer {
        Answer::Plan(plan) => Ok(read_tpsl(plan).map_err(|fault| fault.within("plan"))?),
        Answer::Refused(why) => Err(read::text("refused", Some(why))?),
    })
}

impl Body for PlanRequest {
    const NAME: &'static str = "PlanRequest";
    type Message = wire::PlanRequest;

    fn to_message(&self) -> wire::PlanRequest {
        wire::PlanRequest {
            id: Some(self.id),
            module: Some(self.module.name().into()),
            key: Some(write_key(&self.key)),
            epoch: Some(self.epoch.0),
            at: Some(self.at.micros()),
            expires_at: Some(self.expires_at.micros()),
        }
    }

    fn from_message(message: wire::PlanRequest) -> Result<Self, WireError> {
        Ok(Self {
            id: read::required("id", message.id)?,
            module: read::module("module", message.module)?,
            key: read::nested("key", message.key, read_key)?,
            epoch: read::epoch("epoch", message.epoch)?,
            at: read::time("at", message.at)?,
            expires_at: read::time("expires_at", message.expires_at)?,
        })
    }
}

impl Body for PlanReply {
    const NAME: &'static str = "PlanReply";
    type Message = wire::PlanReply;

    fn to_message(&self) -> wire::PlanReply {
        let answer = match &self.answer {
            Ok(plan) => Answer::Plan(write_tpsl(plan)),
            Err(why) => Answer::Refused(read::clipped(why).unwrap_or_default()),
        };
        wire::PlanReply {
            id: Some(self.id),
            module: Some(self.module.name().into()),
            key: Some(write_key(&self.key)),
            epoch: Some(self.epoch.0),
            answer: Some(answer),
            at: Some(self.at.micros()),
        }
    }

    fn from_message(message: wire::PlanReply) -> Result<Self, WireError> {
        Ok(Self {
            id: read::required("id", message.id)?,
            module: read::module("module", message.module)?,
            key: read::nested("key", message.key, read_key)?,
            epoch: read::epoch("epoch", message.epoch)?,
            answer: read_answer(read::required("answer", message.answer)?)?,
            at: read::time("at", message.at)?,
        })
    }
}
