"""AG Grid in the desk's colours, and the kinds of columns that tables of trades need."""

from __future__ import annotations

from typing import Any

import dash_ag_grid as dag
from dash import html

from dashboard.components.panels import aria

Column = dict[str, Any]

# A table is one stop of the Tab key; the functions are in assets/grid_keys.js.
KEYBOARD: dict[str, Any] = {
    "tabToNextCell": {"function": "outOfTable()"},
    "tabToNextHeader": {"function": "outOfTable()"},
}

RIGHT = "ag-right-aligned-cell"  # a class of our own replaces those that a column's type brings

# What stands on a price tells how old it is, and does not look live when it is not.
AGED: Column = {
    "cellClassRules": {"old": "isOld(params.data)"},
    "tooltipValueGetter": {"function": "priceOf(params.data)"},
}

THEME = {
    "function": (
        "themeQuartz.withParams({"
        "backgroundColor: 'var(--card)', foregroundColor: 'var(--text)',"
        "headerBackgroundColor: 'var(--card)', headerTextColor: 'var(--text-quiet)',"
        "borderColor: 'var(--line)', accentColor: 'var(--primary)',"
        "rowHoverColor: 'var(--hover)', selectedRowBackgroundColor: 'var(--hover)',"
        "oddRowBackgroundColor: 'var(--card)', valueChangeValueHighlightBackgroundColor: "
        "'var(--flash)', browserColorScheme: 'inherit', fontFamily: 'inherit', fontSize: 13,"
        "headerFontSize: 11, headerFontWeight: 600, rowHeight: 34, headerHeight: 32,"
        "cellHorizontalPadding: 10, wrapperBorder: false, wrapperBorderRadius: 0,"
        "headerColumnBorder: false})"
    )
}


def grid(
    id_: str, columns: list[Column], *, row_id: str, is_paged: bool = False, **options: Any
) -> dag.AgGrid:
    """Show a table; rows are told apart by `row_id`, an expression over `params.data`."""
    model: Any = {"rowModelType": "infinite"} if is_paged else {"rowData": []}
    return dag.AgGrid(
        id=id_,
        columnDefs=columns,
        getRowId=row_id,
        defaultColDef={
            "sortable": True,
            "resizable": True,
            "suppressMovable": True,
            "suppressKeyboardEvent": {"function": "pressed(params)"},
        },
        dashGridOptions={
            **KEYBOARD,
            "theme": THEME,
            "animateRows": False,
            "rowBuffer": 3,
            "ensureDomOrder": True,  # screen readers read rows as they stand
            "enableCellTextSelection": True,
            "tooltipShowDelay": 200,
            "suppressNoRowsOverlay": True,  # the page says why it is empty
            **options,
        },
        style={"height": None},  # Dash's own 400 px otherwise
        className="grid",
        **model,
    )


def row_details(table: str) -> html.Div:
    """Show a row in full below its table, once somebody taps it or presses Enter in a cell."""
    return html.Div(
        id=f"{table}-details",
        className="row-details",
        hidden=True,
        role="region",
        tabIndex="0",  # it may be long, and is scrolled
        **aria(label="The chosen row", live="polite"),
    )


def text_column(field: str, header: str, **more: Any) -> Column:
    """Show text."""
    return {"field": field, "headerName": header, **more}


def number_column(
    field: str, header: str, form: str = "price", *classes: str, **more: Any
) -> Column:
    """Show a number, written by the function `form` of assets/grids.js and sorted by its value."""
    return {
        "colId": field,
        "headerName": header,
        "valueGetter": {"function": f"numberOf(params.data, '{field}')"},
        "valueFormatter": {"function": f"{form}(params.value)"},
        "type": "rightAligned",
        "cellClass": [RIGHT, *classes],
        **more,
    }


def gain_column(field: str, header: str, form: str = "gain", **more: Any) -> Column:
    """Show a profit or loss: by sign and arrow, and only then by colour."""
    tone = {"function": f"['{RIGHT}', gainTone(params.value)]"}
    return number_column(field, header, form, cellClass=tone, **more)
