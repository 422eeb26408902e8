"""Options of Gotenberg's PDF engines and webhooks, which have no counterpart."""

from __future__ import annotations

from .table import Table, ignored, refuse_all

_ENCRYPT = "documents are not encrypted; encrypt the file that is returned"
_CHANGE = "a document is not changed after it is printed; do it with the file that is returned"
_WEBHOOK = "use `webhook_url` at /capture; the webhook has a link to the result"

_RIGHTS = "Printing Copying Modifying Annotating FillingForms Assembling"

WEBHOOKS = (
    *refuse_all("Gotenberg-Webhook-Url Gotenberg-Webhook-Error-Url Gotenberg-Webhook-Events-Url", _WEBHOOK),
    *refuse_all("Gotenberg-Webhook-Method Gotenberg-Webhook-Error-Method", _WEBHOOK),
    *refuse_all("Gotenberg-Webhook-Extra-Http-Headers", _WEBHOOK),
)
PDF_ENGINES = Table(
    "PDF engines, after Chromium",
    (
        *refuse_all("splitMode splitSpan splitUnify", "use nativePageRanges, once for each part"),
        *refuse_all("pdfa pdfua", "documents are not PDF/A; generateTaggedPdf adds tags"),
        *refuse_all("userPassword ownerPassword", _ENCRYPT),
        *(
            ignored(
                f"allow{right}",
                "belongs to userPassword and ownerPassword, without which it is refused there",
            )
            for right in _RIGHTS.split()
        ),
        *refuse_all("embeds embedsMetadata", "attach files to the document that is returned"),
        *refuse_all("watermark watermarkSource watermarkExpression watermarkPages watermarkOptions", _CHANGE),
        *refuse_all("stamp stampSource stampExpression stampPages stampOptions", _CHANGE),
        *refuse_all("rotateAngle rotatePages", "use landscape"),
        *refuse_all("optimizeImages", _CHANGE),
        ignored("imageQuality", "belongs to optimizeImages"),
        *refuse_all("facturxXml facturxConformanceLevel facturxDocumentType facturxVersion", _CHANGE),
        *refuse_all("bookmarks", "generateDocumentOutline adds the headings"),
    ),
)
