//! One table: our times, the peers' measured in turn with them, the ratios, and the share of what one core's arithmetic
//! allows. `cargo bench -p lab-core` for all tasks, `cargo bench -p lab-core -- mlp svd` for those whose name has one of
//! the words; the peers are those that the Python of `LAB_PEERS` can import (`make bench-peers` installs them).

mod peers;
mod tasks;

use std::time::{Duration, Instant};

use peers::Peers;
use tasks::{Ours, completion, large};

/// Fused operations a second on one core that the share is taken of: 8 a cycle at 3 GHz.
const FUSED_A_SECOND: f64 = 24e9;
/// Each figure is the median of so many rounds, in which all who take part have one turn each.
const ROUNDS: usize = 5;
/// A turn is one run, and more while they take less than this together; the median counts.
const TURN: Duration = Duration::from_millis(200);
/// The pause before each turn: threads of the one before may spin for a while when they have nothing more to do.
const REST: Duration = Duration::from_millis(100);

fn main() {
    let words: Vec<String> = std::env::args().skip(1).filter(|word| !word.starts_with('-')).collect();
    if let [word, count] = &words[..]
        && word == completion::PEAK
    {
        return completion::print_peak(count);
    }
    if let [word] = &words[..]
        && word == large::OURS
    {
        return large::print_ours();
    }
    let chosen = |name: &str| words.is_empty() || words.iter().any(|word| name.contains(word.as_str()));

    let mut peers = Peers::start();
    let heads = Peers::NAMES.map(|name| format!("{name:>18}")).concat();
    println!("{:<52}{:>10}{:>10}{heads}", "medians, ms (times ours)", "ours", "of limit");
    let mut compiling = Vec::new();
    for task in tasks::all().into_iter().filter(|task| chosen(task.name)) {
        let ours = (task.ours)();
        let (times, theirs) = measure(task.name, &ours, &mut peers);
        for ((variant, _), ms) in ours.iter().zip(times) {
            let name = format!("{}{variant}", task.name);
            let limit =
                task.fused.map_or_else(|| "-".into(), |fused| percent(1e3 * fused / FUSED_A_SECOND / ms));
            let peers = theirs.each_ref().map(|peer| {
                format!("{:>18}", peer.as_ref().map_or_else(String::clone, |(peer, _)| beside(*peer, ms)))
            });
            println!("{name:<52}{ms:>10.3}{limit:>10}{}", peers.concat());
        }
        for (name, peer) in Peers::NAMES.iter().zip(&theirs) {
            if let Ok((_, Some(seconds))) = peer {
                compiling.push(format!("{name} {seconds:.2} s for {}", task.name));
            }
        }
    }
    println!(
        "limit: {} GFMA/s, one core's, for the multiplications of the textbook's formulas",
        FUSED_A_SECOND / 1e9
    );
    if !compiling.is_empty() {
        println!("compiling, not counted above:\n  {}", compiling.join("\n  "));
    }
    if chosen("completion") {
        completion::print_table();
    }
    if chosen("large") {
        large::print_table();
    }
}

fn percent(share: f64) -> String {
    format!("{:.0} %", 100.0 * share)
}

fn beside(peer: f64, ms: f64) -> String {
    format!("{peer:.3} ({:.1})", peer / ms)
}

/// A peer's time and how long it compiles, or why there is none.
type Peer = Result<(f64, Option<f64>), String>;

/// Our times, one for each of our ways to do a task, and the peers': medians over the rounds.
fn measure(task: &str, ours: &Ours, peers: &mut Peers) -> (Vec<f64>, [Peer; Peers::NAMES.len()]) {
    let mut times = vec![Vec::new(); ours.len()];
    let mut theirs = Peers::NAMES.map(|_| Ok((Vec::new(), None)));
    for _ in 0..ROUNDS {
        for (times, (_, work)) in times.iter_mut().zip(ours) {
            std::thread::sleep(REST);
            times.push(turn(work));
        }
        for (times, name) in theirs.iter_mut().zip(Peers::NAMES) {
            std::thread::sleep(REST);
            match peers.time(name, task) {
                Ok((ms, seconds)) => {
                    if let Ok((times, compiling)) = times {
                        times.push(ms);
                        *compiling = compiling.or(seconds);
                    }
                }
                Err(why) => *times = Err(why),
            }
        }
    }
    (
        times.into_iter().map(median).collect(),
        theirs.map(|times| times.map(|(times, compiling)| (median(times), compiling))),
    )
}

/// One turn of ours, in ms. A run that fails has no time.
fn turn(work: &dyn Fn() -> lab_core::Result<()>) -> f64 {
    let (begin, mut times) = (Instant::now(), Vec::new());
    while times.is_empty() || begin.elapsed() < TURN {
        let start = Instant::now();
        if let Err(error) = work() {
            eprintln!("{error}");
            return f64::NAN;
        }
        times.push(1000.0 * start.elapsed().as_secs_f64());
    }
    median(times)
}

fn median(mut times: Vec<f64>) -> f64 {
    times.sort_by(f64::total_cmp);
    f64::midpoint(times[(times.len() - 1) / 2], times[times.len() / 2])
}
