//! Renders the HTML file, which is self-contained.

use super::figure::Figure;
use super::place::MARK;
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use flate2::Compression;
use flate2::write::GzEncoder;
use std::fmt::Write as _;
use std::io::Write as _;

/// Page under construction.
#[derive(Debug, Default)]
pub struct Page {
    title: String,
    lead: String,
    sections: Vec<Section>,
}

#[derive(Debug)]
struct Section {
    title: String,
    parts: Vec<Part>,
}

#[derive(Debug)]
enum Part {
    Text(String),
    Code(String),
    Table(Vec<String>, Vec<Vec<String>>),
    Figure(Figure, bool),
}

impl Page {
    /// Creates an empty page.
    pub fn new(title: &str, lead: &str) -> Self {
        Self {
            title: title.to_owned(),
            lead: lead.to_owned(),
            sections: Vec::new(),
        }
    }

    /// Begins a section.
    pub fn section(&mut self, title: &str) -> &mut Self {
        self.sections.push(Section {
            title: title.to_owned(),
            parts: Vec::new(),
        });
        self
    }

    fn add(&mut self, part: Part) -> &mut Self {
        let section = self.sections.last_mut().expect("a section was begun");
        section.parts.push(part);
        self
    }

    /// Adds a paragraph to the section.
    pub fn text(&mut self, text: &str) -> &mut Self {
        self.add(Part::Text(text.to_owned()))
    }

    /// Adds the text of a file.
    pub fn code(&mut self, text: &str) -> &mut Self {
        self.add(Part::Code(text.to_owned()))
    }

    /// Adds a table: headings, then rows.
    pub fn table(&mut self, heads: &[impl AsRef<str>], rows: Vec<Vec<String>>) -> &mut Self {
        let heads = heads.iter().map(|head| head.as_ref().to_owned()).collect();
        self.add(Part::Table(heads, rows))
    }

    /// Adds a figure, beside others if there is space.
    pub fn figure(&mut self, figure: Figure) -> &mut Self {
        self.add(Part::Figure(figure, false))
    }

    /// Adds a figure of full width.
    pub fn wide(&mut self, figure: Figure) -> &mut Self {
        self.add(Part::Figure(figure, true))
    }

    /// Marks days in all charts that run over days, each with a text.
    pub fn mark(&mut self, marks: &[(u32, String)]) {
        let parts = self.sections.iter_mut().flat_map(|of| &mut of.parts);
        for part in parts {
            if let Part::Figure(figure, _) = part {
                figure.mark(marks);
            }
        }
    }

    /// Returns the HTML.
    pub fn html(&self) -> String {
        let mut out = String::new();
        let title = escaped(&self.title);
        out += &format!(
            "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
             <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
             {MARK} {}\">\n<link rel=\"icon\" href=\"data:,\">\n<title>{title}</title>\n<style>\n{}</style>\n</head>\n\
             <body>\n<header><h1>{title}</h1><p class=\"lead\">{}</p></header>\n\
             <noscript><p>The charts require JavaScript; text and tables do not.</p></noscript>\n\
             <p id=\"trouble\" hidden></p>\n",
            env!("CARGO_PKG_VERSION"),
            include_str!("page.css"),
            escaped(&self.lead),
        );
        out += "<nav><ul>";
        for (place, section) in self.sections.iter().enumerate() {
            let title = escaped(&section.title);
            write!(out, "<li><a href=\"#s{place}\">{title}</a></li>").expect("a string grows");
        }
        out += "</ul></nav>\n<main>\n";
        let mut figures = 0;
        for (place, section) in self.sections.iter().enumerate() {
            let title = escaped(&section.title);
            writeln!(out, "<section id=\"s{place}\"><h2>{title}</h2>").expect("a string grows");
            let mut in_grid = false;
            for part in &section.parts {
                let is_figure = matches!(part, Part::Figure(..));
                if is_figure != in_grid {
                    out += if is_figure {
                        "<div class=\"figures\">\n"
                    } else {
                        "</div>\n"
                    };
                    in_grid = is_figure;
                }
                part.write(&mut out, &mut figures);
            }
            if in_grid {
                out += "</div>\n";
            }
            out += "</section>\n";
        }
        write!(
            out,
            "</main>\n<footer><p>Made by conviction {}.</p></footer>\n{}\n<script>\n{}</script>\n\
             </body>\n</html>\n",
            env!("CARGO_PKG_VERSION"),
            library(),
            include_str!("page.js"),
        )
        .expect("a string grows");
        out
    }
}

impl Part {
    fn write(&self, out: &mut String, figures: &mut usize) {
        match self {
            Self::Text(text) => *out += &format!("<p>{}</p>\n", escaped(text)),
            Self::Code(text) => *out += &format!("<pre>{}</pre>\n", escaped(text)),
            Self::Table(heads, rows) => {
                *out += "<div class=\"scroll\"><table><thead><tr>";
                for head in heads {
                    *out += &format!("<th>{}</th>", escaped(head));
                }
                *out += "</tr></thead><tbody>\n";
                for row in rows {
                    *out += "<tr>";
                    for cell in row {
                        *out += &format!("<td>{}</td>", escaped(cell));
                    }
                    *out += "</tr>\n";
                }
                *out += "</tbody></table></div>\n";
            }
            Self::Figure(figure, wide) => {
                *figures += 1;
                let class = if *wide { " class=\"wide\"" } else { "" };
                let data = embedded(&figure.json().to_string());
                *out += &format!(
                    "<figure{class}><figcaption>{}</figcaption><div class=\"controls\"></div>\
                     <div class=\"plot\" id=\"p{figures}\" style=\"height: {}px; min-width: {}px\"></div>\
                     <script type=\"application/json\" class=\"figure\" data-plot=\"p{figures}\">{data}</script>\
                     </figure>\n",
                    escaped(&figure.caption),
                    figure.height,
                    figure.least_width,
                );
            }
        }
    }
}

/// Returns the compressed charting library, which the page's script unpacks and runs.
fn library() -> String {
    let mut packed = GzEncoder::new(Vec::new(), Compression::best());
    packed
        .write_all(charting().as_bytes())
        .expect("a vector grows");
    let packed = packed.finish().expect("a vector grows");
    format!(
        "<script type=\"application/gzip\" id=\"library\">{}</script>",
        BASE64_STANDARD.encode(packed)
    )
}

/// Extracts the charting library. The crate provides it as a script element, followed by a formula typesetter
/// that no chart needs.
fn charting() -> String {
    let scripts = plotly::Plot::offline_js_sources();
    let begin = scripts.find('>').map_or(0, |at| at + 1);
    let end = scripts.find("</script>").unwrap_or(scripts.len());
    scripts[begin..end].to_owned()
}

/// Escapes JSON for a script element: nothing in it begins or ends an element or a comment, and no line
/// separator ends a statement. These characters occur only inside strings.
fn embedded(json: &str) -> String {
    json.replace('<', "\\u003c")
        .replace('\u{2028}', "\\u2028")
        .replace('\u{2029}', "\\u2029")
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn everything_is_escaped_and_nothing_is_fetched() {
        let mut page = Page::new("a < b & \"c\"", "</title>");
        page.section("<s>")
            .text("<p>")
            .code("</pre>")
            .table(&["<h>"], vec![vec!["</td>".into()]]);
        page.figure(Figure::fixed(
            "<f>",
            "x",
            "y",
            vec![json!({ "name": "</script>" })],
        ));
        let html = page.html();
        assert_eq!(
            embedded("\"<!--<script>\u{2028}\u{2029}\""),
            "\"\\u003c!--\\u003cscript>\\u2028\\u2029\""
        );
        let own = html.replace(&library(), "");
        assert_eq!(own.matches("</script>").count(), 2, "the data and our own");
        assert_eq!(own.matches("</title>").count(), 1);
        assert!(!own.contains("src=") && !own.contains("http"));
        assert!(charting().contains("Plotly") && !charting().contains("<script"));
        assert!(library().len() < 2_000_000, "{}", library().len());
    }
}
