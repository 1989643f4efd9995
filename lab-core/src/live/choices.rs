//! The value that each word of a selection stands for, the same in every explorable that offers it.

use super::control::Settings;
use crate::descent::Optimiser;
use crate::loss::Reduction;
use crate::mlp::{Bias, Output};
use crate::random::Init;

impl Settings {
    pub fn bias(&self) -> Bias {
        match self.text("bias") {
            "scalar" => Bias::Scalar,
            "frozen at 0" => Bias::Frozen,
            _ => Bias::PerUnit,
        }
    }

    pub fn reduction(&self) -> Reduction {
        if self.text("reduction") == "mean" { Reduction::Mean } else { Reduction::Sum }
    }

    pub fn output(&self) -> Output {
        if self.text("output") == "ReLU" { Output::Relu } else { Output::Logits }
    }

    /// The start of a network's weights.
    pub fn init(&self) -> Init {
        match self.text("init") {
            "normal" => Init::Normal { mean: 0.0, std: 1.0 },
            "normal / √fan-in" => Init::FanIn,
            _ => Init::Uniform { low: 0.0, high: 1.0 },
        }
    }

    pub fn optimiser(&self) -> Optimiser {
        match self.text("optimiser") {
            "momentum" => Optimiser::Momentum { beta: 0.9 },
            "Nesterov" => Optimiser::Nesterov { beta: 0.9 },
            "Adam" => Optimiser::ADAM,
            _ => Optimiser::Plain,
        }
    }
}
