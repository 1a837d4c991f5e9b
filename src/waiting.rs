//! What a person at a terminal sees while a long run goes on: one line on the standard error that is gone before anything else is printed.
//!
//! A progress bar would need to know how much is left, which nobody knows before the values are followed; the stage and the seconds tell
//! that it is alive. A crate for bars would bring more than this needs.

use std::io::{self, IsTerminal as _, Write as _};
use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use authlint::progress::{Progress, Stage};

use crate::terminal;

/// Shorter runs show nothing.
const PATIENCE: Duration = Duration::from_secs(1);
/// From one picture to the next.
const BEAT: Duration = Duration::from_millis(120);
/// Back to the beginning of the line, which is made empty.
const CLEAR: &str = "\r\u{1b}[K";

/// Shows the line until it is dropped.
pub(crate) struct Waiting(Option<(Sender<()>, JoinHandle<()>)>);

impl Waiting {
    /// Begins to wait. Nothing is ever shown unless the standard error is a terminal and somebody wants to see it.
    pub(crate) fn begin(progress: &Progress, is_wanted: bool) -> Self {
        if !is_wanted || !io::stderr().is_terminal() || terminal::is_dumb() {
            return Self(None);
        }
        let progress = progress.clone();
        let (stop, stopped) = channel();
        let started = Instant::now();
        let shown = std::thread::Builder::new().name("waiting".to_owned()).spawn(move || {
            let frames: &[&str] = if terminal::has_unicode() {
                &["⠋", "⠙", "⠹", "⠸", "⠼", "⠴", "⠦", "⠧", "⠇", "⠏"]
            } else {
                &["-", "\\", "|", "/"]
            };
            let mut pause = PATIENCE;
            for frame in frames.iter().cycle() {
                if stopped.recv_timeout(pause) != Err(RecvTimeoutError::Timeout) {
                    break;
                }
                pause = BEAT;
                let line = format!("{CLEAR}{frame} authlint: {} ({} s)", words(progress.stage()), started.elapsed().as_secs());
                // Nothing is to be done when the terminal is gone.
                let _ = write(&line);
            }
            if pause == BEAT {
                let _ = write(CLEAR);
            }
        });
        Self(shown.ok().map(|thread| (stop, thread)))
    }
}

impl Drop for Waiting {
    fn drop(&mut self) {
        if let Some((stop, thread)) = self.0.take() {
            // The thread may have ended with the terminal.
            let _ = stop.send(());
            let _ = thread.join();
        }
    }
}

fn write(text: &str) -> io::Result<()> {
    let mut err = io::stderr().lock();
    err.write_all(text.as_bytes())?;
    err.flush()
}

fn words(stage: Stage) -> &'static str {
    match stage {
        Stage::Starting => "working",
        Stage::Looking => "looking for files",
        Stage::Reading => "reading files",
        Stage::Parsing => "parsing",
        Stage::Following => "following values",
        Stage::Judging => "judging",
    }
}
