//! Every random start: seeds, the two generators behind them, and the distributions of initial weights.
//!
//! A [`Seed`] fixes a stream of numbers. [`Seed::Portable`] is ChaCha8 keyed by the seed: Bernstein's published cipher
//! fixes its output, and a test fixes the numbers that rand's distributions draw from it. [`Seed::Torch`] reproduces
//! `torch.manual_seed(seed)` on the CPU, so that a run published with its seed can be repeated digit for digit.

mod torch;

use ndarray_rand::RandomExt;
use ndarray_rand::rand::distr::StandardUniform;
use ndarray_rand::rand_distr::StandardNormal;
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{RngCore, SeedableRng};

use crate::error::{Error, Result};
use crate::matrix::Matrix;
use torch::Torch;

/// Which stream of random numbers a run draws from.
///
/// ```
/// use lab_core::{Random, Seed};
///
/// // torch.manual_seed(0); torch.rand(1, 2)
/// let draws = Random::new(Seed::Torch(0)).uniform((1, 2));
/// assert_eq!(draws[[0, 0]] as f32, 0.49625659);
/// assert_eq!(Seed::from(7), Seed::Portable(7));
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Seed {
    /// ChaCha8 keyed by this number. Uniform draws and permutations are the same on every machine and in every version; normal
    /// draws also depend on the system's `exp` and `ln`, which may differ in the last digit between systems.
    Portable(u64),
    /// The stream of `torch.manual_seed` on the CPU (MT19937, lower 32 bits of the number); draws are `float32` values.
    Torch(u64),
}

impl Default for Seed {
    fn default() -> Self {
        Seed::Portable(0)
    }
}

impl From<u64> for Seed {
    fn from(seed: u64) -> Self {
        Seed::Portable(seed)
    }
}

/// A stream of random numbers: consecutive calls continue it, equal seeds repeat it.
///
/// ```
/// use lab_core::{Random, Seed};
///
/// let mut random = Random::new(Seed::Portable(1));
/// let (u, z) = (random.uniform((3, 2)), random.normal((3, 2)));
/// assert_eq!(u, Random::new(Seed::Portable(1)).uniform((3, 2)));
/// assert_ne!(u, z);
/// ```
#[derive(Debug, Clone)]
pub struct Random {
    source: Source,
}

#[derive(Debug, Clone)]
enum Source {
    Portable(Box<ChaCha8Rng>),
    Torch(Box<Torch>),
}

impl Random {
    /// The stream of `seed`, from its beginning.
    ///
    /// ```
    /// # use lab_core::{Random, Seed};
    /// let [mut a, mut b] = [(); 2].map(|()| Random::new(Seed::Torch(0)));
    /// assert_eq!(a.uniform((2, 2)), b.uniform((2, 2)));
    /// ```
    pub fn new(seed: Seed) -> Random {
        let source = match seed {
            Seed::Portable(seed) => {
                let mut key = [0; 32];
                key[..8].copy_from_slice(&seed.to_le_bytes());
                Source::Portable(Box::new(ChaCha8Rng::from_seed(key)))
            }
            Seed::Torch(seed) => Source::Torch(Box::new(Torch::new(seed))),
        };
        Random { source }
    }

    /// A matrix (rows, columns) of U(0, 1), filled row by row; under [`Seed::Torch`] this is `torch.rand`.
    ///
    /// ```
    /// # use lab_core::{Random, Seed};
    /// let draws = Random::new(Seed::default()).uniform((100, 3));
    /// assert!(draws.iter().all(|&x| (0.0..1.0).contains(&x)));
    /// ```
    pub fn uniform(&mut self, shape: (usize, usize)) -> Matrix {
        self.uniform_between(shape, 0.0, 1.0)
    }

    /// A matrix (rows, columns) of N(0, 1), filled row by row; under [`Seed::Torch`] this is `torch.randn`.
    ///
    /// Portable normals come from the ziggurat of Marsaglia and Tsang (2000).
    ///
    /// ```
    /// # use lab_core::{Random, Seed};
    /// let draws = Random::new(Seed::default()).normal((1000, 1));
    /// assert!(draws.mean().unwrap().abs() < 0.1);
    /// ```
    pub fn normal(&mut self, shape: (usize, usize)) -> Matrix {
        self.normal_around(shape, 0.0, 1.0)
    }

    /// The numbers 0 to n - 1 in random order, each order equally likely; under [`Seed::Torch`] this is `torch.randperm`.
    ///
    /// ```
    /// # use lab_core::{Random, Seed};
    /// let order = Random::new(Seed::Torch(0)).permutation(10);
    /// assert_eq!(order, [4, 1, 7, 5, 3, 9, 0, 8, 6, 2]); // torch.manual_seed(0); torch.randperm(10)
    /// ```
    pub fn permutation(&mut self, n: usize) -> Vec<usize> {
        match &mut self.source {
            Source::Torch(torch) => torch.permutation(n),
            Source::Portable(rng) => {
                // Durstenfeld's shuffle; the product's upper half is below n - i (Lemire, 2019).
                let mut order: Vec<usize> = (0..n).collect();
                for i in 0..n.saturating_sub(1) {
                    let below = (u128::from(rng.next_u64()) * (n - i) as u128) >> 64;
                    #[expect(clippy::cast_possible_truncation, reason = "it is below n - i, a usize")]
                    order.swap(i, i + below as usize);
                }
                order
            }
        }
    }

    fn uniform_between(&mut self, shape: (usize, usize), low: f64, high: f64) -> Matrix {
        match &mut self.source {
            Source::Torch(torch) => filled(shape, torch.uniform(shape.0 * shape.1, low, high)),
            Source::Portable(rng) => {
                Matrix::random_using(shape, StandardUniform, rng).mapv_into(|x: f64| low + (high - low) * x)
            }
        }
    }

    fn normal_around(&mut self, shape: (usize, usize), mean: f64, std: f64) -> Matrix {
        match &mut self.source {
            Source::Torch(torch) => filled(shape, torch.normal(shape.0 * shape.1, mean, std)),
            Source::Portable(rng) => {
                Matrix::random_using(shape, StandardNormal, rng).mapv_into(|z: f64| mean + std * z)
            }
        }
    }

    /// The nearest number of this stream's type: `float32` under [`Seed::Torch`].
    fn representable(&self, x: f64) -> f64 {
        match self.source {
            Source::Torch(_) => torch::rounded(x),
            Source::Portable(_) => x,
        }
    }
}

/// A matrix of `values` row by row.
fn filled(shape: (usize, usize), values: Vec<f64>) -> Matrix {
    let mut values = values.into_iter();
    Matrix::from_shape_simple_fn(shape, || values.next().unwrap_or_default())
}

/// The distribution of initial weights W (rows, columns): a layer's inputs are the rows, its outputs the columns.
///
/// ```
/// use lab_core::{Init, Random, Seed};
///
/// let w = Init::XavierUniform.sample((4, 12), &mut Random::new(Seed::Portable(0)));
/// assert_eq!(w.dim(), (4, 12));
/// assert!(w.iter().all(|x| x.abs() <= (6.0_f64 / 16.0).sqrt()));
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Init {
    /// U(low, high): the lab sheets' factors are U(0, 1).
    Uniform {
        /// Lower bound, inclusive.
        low: f64,
        /// Upper bound, exclusive.
        high: f64,
    },
    /// N(mean, std²): the lab sheets' weights are N(0, 1).
    Normal {
        /// Mean.
        mean: f64,
        /// Standard deviation, not variance.
        std: f64,
    },
    /// U(-b, b) with b = √(6 / (rows + columns)): Glorot and Bengio (2010), "Understanding the difficulty of training
    /// deep feed-forward neural networks", equation 16.
    XavierUniform,
    /// N(0, 2 / (rows + columns)): the same paper's variance (equation 12) with normal draws.
    XavierNormal,
    /// N(0, 1) / √rows, report C's choice: LeCun, Bottou, Orr and Müller (1998), "Efficient BackProp", equation 16.
    FanIn,
}

impl Init {
    /// Draws a matrix (rows, columns) and advances `random`.
    ///
    /// ```
    /// # use lab_core::{Init, Random, Seed};
    /// let mut random = Random::new(Seed::Torch(0));
    /// let u = Init::Uniform { low: 0.0, high: 1.0 }.sample((3, 2), &mut random);
    /// let v = Init::Uniform { low: 0.0, high: 1.0 }.sample((3, 2), &mut random);
    /// assert_ne!(u, v); // the stream goes on
    /// ```
    pub fn sample(&self, shape: (usize, usize), random: &mut Random) -> Matrix {
        let (rows, columns) = (shape.0 as f64, shape.1 as f64);
        match *self {
            Init::Uniform { low, high } => random.uniform_between(shape, low, high),
            Init::Normal { mean, std } => random.normal_around(shape, mean, std),
            Init::XavierUniform => {
                let bound = (6.0 / (rows + columns)).sqrt();
                random.uniform_between(shape, -bound, bound)
            }
            Init::XavierNormal => random.normal_around(shape, 0.0, (2.0 / (rows + columns)).sqrt()),
            Init::FanIn => {
                let divisor = random.representable(rows.sqrt());
                random.normal(shape).mapv_into(|z| random.representable(z / divisor))
            }
        }
    }

    /// Refuses bounds that are not finite or not in order, and a standard deviation that is not finite or not above 0.
    ///
    /// # Errors
    /// [`Error::Param`] with the rule and the values found.
    ///
    /// ```
    /// # use lab_core::Init;
    /// let error = Init::Uniform { low: 1.0, high: 0.0 }.check().unwrap_err();
    /// assert_eq!(error.to_string(), "init must be Uniform with finite low < high, found low 1, high 0");
    /// ```
    pub fn check(&self) -> Result<()> {
        match *self {
            Init::Uniform { low, high } if !(low < high && (high - low).is_finite()) => Err(Error::Param {
                name: "init",
                rule: "Uniform with finite low < high",
                found: format!("low {low}, high {high}"),
            }),
            Init::Normal { mean, std } if !(mean.is_finite() && std.is_finite() && std > 0.0) => {
                Err(Error::Param {
                    name: "init",
                    rule: "Normal with a finite mean and a finite std above 0",
                    found: format!("mean {mean}, std {std}"),
                })
            }
            _ => Ok(()),
        }
    }
}
