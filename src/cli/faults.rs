//! Prints the faults of a spec, with the lines of the spec.

use super::{json, warn_line};
use crate::error::chain;
use crate::study::SpecError;
use crate::study::spec::{SpecFault, and_more};
use annotate_snippets::{AnnotationKind, Group, Level, Renderer, Snippet};
use serde_json::{Value, json};
use std::io::Write;

/// Formats the faults of a spec for programs.
fn document(error: &SpecError) -> Value {
    let SpecError::Faults {
        source_name,
        faults,
        more,
    } = error
    else {
        return json!({ "message": chain(error) });
    };
    let fault = |fault: &SpecFault| json!({ "line": fault.line, "key": fault.key, "message": fault.message });
    json!({
        "message": chain(error),
        "source": source_name,
        "faults": faults.iter().map(fault).collect::<Vec<_>>(),
        "more": more,
    })
}

/// Prints an error to standard error, in colours if it is a terminal that supports them.
pub fn show(error: &SpecError) {
    if json::is_asked() {
        json::tell_error(2, document(error));
        return;
    }
    match error {
        SpecError::Faults {
            source_name,
            faults,
            more,
        } => {
            let mut out = anstream::stderr().lock();
            for fault in faults {
                // Standard error may be closed.
                let _ = writeln!(out, "{}", shown(source_name, fault));
            }
            drop(out);
            if let Some(more) = and_more(source_name, *more) {
                warn_line("error", more);
            }
        }
        other => warn_line("error", chain(other)),
    }
}

/// Formats a fault on one line, followed by the spec's line with a caret.
fn shown(source_name: &str, fault: &SpecFault) -> String {
    let title = Level::ERROR.primary_title(fault.line(source_name));
    let group = match (&fault.excerpt, fault.line) {
        (Some(excerpt), Some(line)) => {
            let mark = AnnotationKind::Primary.span(excerpt.marked.clone());
            let source = Snippet::source(&*excerpt.text).line_start(line);
            title.element(source.annotation(mark))
        }
        _ => Group::with_title(title),
    };
    Renderer::styled().render(&[group])
}
