//! Seeds, one after the other: what was asked on the command line, what came of it, and how to see it again.

use std::cell::RefCell;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::process::ExitCode;
use std::time::Instant;

use crate::county::County;
use crate::law::{Broken, Law};
use crate::plan::{Plan, TABLE};
use crate::sim::enter;
use crate::{quiet, say};

/// How it is used.
pub const USAGE: &str = "usage: scripts/simulate [--seed S] [--seeds K | --seeds A..B] [--steps N] [--only Action,…] \
                         [--without Action,…] [--twice] [--shorten] [--keep-going] [--table]";

/// Steps between two quiescences.
const PHASE: u64 = 150;
/// Steps of one seed, unless somebody says otherwise.
const STEPS: u64 = 600;

thread_local! {
    static PANIC: RefCell<String> = const { RefCell::new(String::new()) };
}

/// What was asked.
#[derive(Debug)]
pub struct Ask {
    first: u64,
    seeds: u64,
    steps: u64,
    only: Vec<String>,
    without: Vec<String>,
    twice: bool,
    shorten: bool,
    keep_going: bool,
    table: bool,
}

impl Ask {
    /// Reads the command line.
    ///
    /// # Errors
    /// What cannot be understood.
    pub fn read(mut words: impl Iterator<Item = String>) -> Result<Ask, String> {
        let mut ask = Ask {
            first: 1,
            seeds: 1,
            steps: STEPS,
            only: Vec::new(),
            without: Vec::new(),
            twice: false,
            shorten: false,
            keep_going: false,
            table: false,
        };
        while let Some(word) = words.next() {
            let mut value = || words.next().ok_or_else(|| format!("{word} needs a value"));
            let number = |text: String| text.replace('_', "").parse::<u64>().map_err(|_| format!("{text} is no number"));
            let list = |text: String| text.split(',').map(str::to_owned).collect::<Vec<_>>();
            match word.as_str() {
                "--seed" => ask.first = number(value()?)?,
                "--seeds" => {
                    let text = value()?;
                    match text.split_once("..") {
                        Some((first, end)) => {
                            ask.first = number(first.to_owned())?;
                            ask.seeds = number(end.to_owned())?.saturating_sub(ask.first);
                        }
                        None => ask.seeds = number(text)?,
                    }
                }
                "--steps" => ask.steps = number(value()?)?,
                "--only" => ask.only = list(value()?),
                "--without" => ask.without = list(value()?),
                "--twice" => ask.twice = true,
                "--keep-going" => ask.keep_going = true,
                "--shorten" => ask.shorten = true,
                "--table" => ask.table = true,
                _ => return Err(format!("{word} means nothing here")),
            }
        }
        Ok(ask)
    }

    fn again(&self, seed: u64, steps: u64) -> String {
        let mut again = format!("scripts/simulate --seed {seed} --steps {steps}");
        for (word, list) in [("--only", &self.only), ("--without", &self.without)] {
            if !list.is_empty() {
                again.push_str(&format!(" {word} {}", list.join(",")));
            }
        }
        again
    }
}

/// How one seed ended.
struct Ended {
    steps: u64,
    trace: u64,
    broken: Option<Broken>,
    log: String,
}

fn one(county: &County, ask: &Ask, seed: u64, steps: u64) -> Ended {
    let plan = Plan::of(seed, &ask.without, &ask.only);
    let (_dir, sim) = county.begin(seed, plan);
    let _inside = enter(&sim);
    let ended = catch_unwind(AssertUnwindSafe(|| {
        sim.begin();
        sim.last.set(steps);
        while sim.steps.get() < steps {
            let phase = (sim.steps.get() / PHASE + 1) * PHASE;
            sim.until.set(phase.min(steps));
            while sim.has_steps() {
                sim.step();
            }
            quiet::settle(&sim);
        }
    }));
    let panicked = PANIC.with_borrow_mut(std::mem::take);
    let broken = match ended {
        Ok(()) if panicked.is_empty() => None,
        Ok(()) => Some(Broken { law: Law::Soundness, what: panicked }),
        Err(panic) => Some(match panic.downcast::<Broken>() {
            Ok(broken) => *broken,
            Err(_) => Broken { law: Law::Soundness, what: panicked },
        }),
    };
    Ended { steps: sim.steps.get(), trace: sim.trace.get(), broken, log: sim.log() }
}

/// Runs what was asked.
pub fn all(ask: &Ask) -> ExitCode {
    if ask.table {
        for row in TABLE {
            let action = format!("{:?}", row.action);
            say(&format!("{action:<14} {:>4} {}", row.weight, row.off.map_or("on".to_owned(), |why| format!("off: {why}"))));
        }
        return ExitCode::SUCCESS;
    }
    std::panic::set_hook(Box::new(|panic| {
        if panic.payload().downcast_ref::<Broken>().is_none() {
            PANIC.with_borrow_mut(|text| *text = panic.to_string());
        }
    }));
    let county = County::make();
    let started = Instant::now();
    let (mut steps, mut traces, mut failed) = (0, 0_u64, 0);
    for seed in ask.first..ask.first + ask.seeds {
        let mut ended = one(&county, ask, seed, ask.steps);
        steps += ended.steps;
        traces = traces.rotate_left(7) ^ ended.trace;
        if ask.twice && ended.broken.is_none() {
            let again = one(&county, ask, seed, ask.steps);
            if again.trace != ended.trace {
                ended.broken = Some(Broken { law: Law::Soundness, what: "the same seed did something else".to_owned() });
            }
        }
        if let Some(broken) = &ended.broken {
            let at = if ask.shorten { shortest(&county, ask, seed, ask.steps.min(ended.steps + PHASE)) } else { ask.steps };
            if ask.keep_going {
                let what: String = broken.what.chars().take(300).collect();
                say(&format!("✗ {} in step {} of {}: {what}", broken.law, ended.steps, ask.again(seed, at)));
                failed += 1;
                continue;
            }
            say(&format!("✗ {}: {}\n\n{}", broken.law, broken.what, ended.log));
            say(&format!("✗ seed {seed} broke “{}” in step {}; once more:\n  {}", broken.law, ended.steps, ask.again(seed, at)));
            return ExitCode::FAILURE;
        }
    }
    let seconds = started.elapsed().as_secs_f64();
    let (rate, busy) = (steps as f64 / seconds.max(0.001), steps as f64 / cpu_s().max(0.001));
    say(&format!(
        "{} {steps} steps over {} seeds in {seconds:.0} s ({rate:.0} steps/s, {busy:.0} per second of CPU), trace {traces:016x}",
        if failed == 0 { "✓" } else { "✗" },
        ask.seeds
    ));
    say(&format!("  laws: {}", Law::ALL.map(Law::name).join(" · ")));
    if failed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// Seconds of CPU this process has had, where the system tells; the clock of a busy machine says little.
fn cpu_s() -> f64 {
    const TICKS_PER_S: f64 = 100.0;
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let after = stat.rsplit(')').next().unwrap_or_default();
    let ticks: f64 = after.split_whitespace().skip(11).take(2).filter_map(|text| text.parse::<f64>().ok()).sum();
    ticks / TICKS_PER_S
}

/// The shortest beginning of a run that still breaks a law, to within a few steps.
fn shortest(county: &County, ask: &Ask, seed: u64, steps: u64) -> u64 {
    let mut at = 5;
    while at < steps {
        if one(county, ask, seed, at).broken.is_some() {
            return at;
        }
        at += (at / 8).max(5);
    }
    steps
}
