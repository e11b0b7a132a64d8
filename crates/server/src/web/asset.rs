//! One file of the client: which of its forms a request gets, and whether it has it already.

use axum::body::{Body, Bytes};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse as _, Response};

/// A file, as `build.rs` found it.
pub(super) struct Asset {
    /// Where it is served.
    pub(super) path: &'static str,
    /// Changes with its content.
    pub(super) tag: &'static str,
    /// As it is.
    pub(super) plain: &'static [u8],
    /// Compressed, if that pays.
    pub(super) brotli: Option<&'static [u8]>,
    /// Compressed for whoever does not know the better one.
    pub(super) gzip: Option<&'static [u8]>,
}

/// All files, ordered by path.
pub(super) static ASSETS: &[Asset] = &include!(concat!(env!("OUT_DIR"), "/web.rs"));

impl Asset {
    /// The file at `path`.
    pub(super) fn find(path: &str) -> Option<&'static Self> {
        let at = ASSETS.binary_search_by(|asset| asset.path.cmp(path)).ok()?;
        ASSETS.get(at)
    }

    /// The smallest form that the request accepts, or that nothing has changed.
    pub(super) fn answer(&self, request: &HeaderMap) -> Response {
        let vary = (header::VARY, HeaderValue::from_name(header::ACCEPT_ENCODING));
        let tag = (header::ETAG, HeaderValue::from_static(self.tag));
        if holds(request, &header::IF_NONE_MATCH, |tag| tag == self.tag || tag == "*") {
            return (StatusCode::NOT_MODIFIED, [vary, tag]).into_response();
        }
        let (bytes, encoding) = self.form(request);
        let kind = (header::CONTENT_TYPE, HeaderValue::from_static(media_type(self.path)));
        let mut response =
            ([vary, tag, kind], Body::from(Bytes::from_static(bytes))).into_response();
        if let Some(encoding) = encoding {
            response
                .headers_mut()
                .insert(header::CONTENT_ENCODING, HeaderValue::from_static(encoding));
        }
        response
    }

    fn form(&self, request: &HeaderMap) -> (&'static [u8], Option<&'static str>) {
        let accepts = |encoding| {
            holds(request, &header::ACCEPT_ENCODING, |wish| {
                let (name, weight) = wish.split_once(';').unwrap_or((wish, ""));
                name.trim() == encoding
                    && !matches!(weight.trim(), "q=0" | "q=0.0" | "q=0.00" | "q=0.000")
            })
        };
        let forms = [(self.brotli, "br"), (self.gzip, "gzip")];
        let compressed = forms.into_iter().find_map(|(bytes, encoding)| {
            bytes.filter(|_| accepts(encoding)).map(|bytes| (bytes, Some(encoding)))
        });
        compressed.unwrap_or((self.plain, None))
    }
}

/// Whether one of the comma-separated values of a header is the one.
fn holds(request: &HeaderMap, name: &header::HeaderName, is: impl Fn(&str) -> bool) -> bool {
    let lines = request.get_all(name).into_iter().filter_map(|line| line.to_str().ok());
    lines.flat_map(|line| line.split(',')).any(|value| is(value.trim()))
}

/// What a browser is told that a file is. It believes nothing else (`nosniff`).
fn media_type(path: &str) -> &'static str {
    match path.rsplit_once('.').map_or("", |(_, ending)| ending) {
        "html" => "text/html; charset=utf-8",
        "js" => "text/javascript; charset=utf-8",
        "css" => "text/css; charset=utf-8",
        "json" => "application/json",
        "webmanifest" => "application/manifest+json",
        "svg" => "image/svg+xml",
        "png" => "image/png",
        "webp" => "image/webp",
        "ico" => "image/x-icon",
        "woff2" => "font/woff2",
        "txt" => "text/plain; charset=utf-8",
        _ => "application/octet-stream",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FILE: Asset = Asset {
        path: "/assets/app-1.js",
        tag: "W/\"1\"",
        plain: b"plain",
        brotli: Some(b"brotli"),
        gzip: Some(b"gzip"),
    };

    fn headers(name: &header::HeaderName, value: &'static str) -> HeaderMap {
        HeaderMap::from_iter([(name.clone(), HeaderValue::from_static(value))])
    }

    #[test]
    fn the_smallest_form_that_is_accepted_is_sent() {
        for (accepted, encoding) in [
            ("gzip, deflate, br, zstd", Some("br")),
            ("gzip;q=1.0, br;q=0", Some("gzip")),
            ("gzip", Some("gzip")),
            ("brotli", None),
            ("", None),
        ] {
            let request = headers(&header::ACCEPT_ENCODING, accepted);
            let answer = FILE.answer(&request);
            let sent = answer.headers().get(header::CONTENT_ENCODING);
            assert_eq!(sent.map(HeaderValue::as_bytes), encoding.map(str::as_bytes), "{accepted}");
            assert_eq!(answer.headers()[header::VARY], "accept-encoding");
        }
        let plain = Asset { brotli: None, gzip: None, ..FILE };
        assert_eq!(plain.form(&headers(&header::ACCEPT_ENCODING, "br")), (&b"plain"[..], None));
    }

    #[test]
    fn what_the_browser_has_is_not_sent_again() {
        for (held, status) in [
            ("W/\"1\"", StatusCode::NOT_MODIFIED),
            ("\"x\", W/\"1\"", StatusCode::NOT_MODIFIED),
            ("W/\"2\"", StatusCode::OK),
        ] {
            let answer = FILE.answer(&headers(&header::IF_NONE_MATCH, held));
            assert_eq!(answer.status(), status, "{held}");
            assert_eq!(answer.headers()[header::ETAG], "W/\"1\"");
        }
    }

    #[test]
    fn files_are_found_by_their_path() {
        for asset in ASSETS {
            assert_eq!(Asset::find(asset.path).map(|found| found.tag), Some(asset.tag));
        }
        assert!(Asset::find("/assets/").is_none());
    }
}
