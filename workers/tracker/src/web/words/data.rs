//! The texts of what comes in and goes out: imports, exports, the report, the end of an account.

super::texts::texts! {
    import: "Import", "Importar";
    import_line: "Bring your history from another app or a spreadsheet. You see what would come in before anything does, and can take it all back.",
        "Trae tu historial de otra app o de una hoja de cálculo. Ves lo que entraría antes de que entre, y puedes quitarlo todo después.";
    import_file: "File", "Archivo";
    import_file_hint: "Up to 2 MB and 10,000 rows; bring more in parts.", "Hasta 2 MB y 10.000 filas; si hay más, tráelo por partes.";
    import_paste: "Or paste its text", "O pega su texto";
    import_text: "Text of the file", "Texto del archivo";
    import_look: "Look at it", "Mirarlo";
    import_kinds: "Which files work", "Qué archivos sirven";
    kind_csv: "A table (CSV)", "Una tabla (CSV)";
    kind_csv_more: "Any spreadsheet, saved as CSV, whose first row names the columns. You say which column is what.",
        "Cualquier hoja de cálculo guardada como CSV cuya primera fila nombre las columnas. Tú dices qué es cada una.";
    kind_daylio: "Daylio", "Daylio";
    kind_daylio_more: "More, Export Entries, CSV. Choose which activities were seshes.",
        "Más, Exportar entradas, CSV. Elige qué actividades eran seshes.";
    kind_loop: "Loop Habit Tracker", "Loop Habit Tracker";
    kind_loop_more: "Settings, Export as CSV; then Checkmarks.csv of what comes out.",
        "Ajustes, Exportar como CSV; de lo que sale, Checkmarks.csv.";
    kind_habitbull: "HabitBull", "HabitBull";
    kind_habitbull_more: "Settings, Export data, the CSV from the mail.", "Ajustes, Exportar datos, el CSV del correo.";
    kind_journal: "PsychonautWiki Journal", "PsychonautWiki Journal";
    kind_journal_more: "Settings, Export file: the JSON as it is.", "Ajustes, Exportar archivo: el JSON tal cual.";
    imports_before: "Imports so far", "Importaciones hasta ahora";
    import_open: "Not taken in yet", "Aún sin importar";
    import_in: "Taken in", "Importado";
    import_undone: "Taken back", "Retirado";
    issue_file: "Choose a file, or paste its text.", "Elige un archivo o pega su texto.";
    issue_binary: "That is no text. Save a spreadsheet as CSV first, then bring that file.",
        "Eso no es texto. Guarda primero la hoja como CSV y trae ese archivo.";
    issue_empty_file: "There are no rows in it. The first row names the columns, the others are what you logged.",
        "No tiene filas. La primera nombra las columnas, las demás son lo que anotaste.";
    issue_long_file: "It has more than 10,000 rows. Bring it in parts, year by year.",
        "Tiene más de 10.000 filas. Tráelo por partes, año por año.";
    issue_many_imports: "Ten files wait already. Take them in, or throw them away first.",
        "Ya hay diez archivos esperando. Impórtalos o descártalos primero.";
    issue_expired: "A file is kept for a day, which is over. Bring it again.",
        "Un archivo se guarda un día, que ya pasó. Tráelo de nuevo.";
    issue_column: "There is no such column in this file.", "No hay tal columna en este archivo.";
    issue_no_date: "Say which column holds the day or the time.", "Di qué columna tiene el día o la hora.";
    issue_no_rows: "Nothing is left to take in, read this way.", "Leído así, no queda nada que importar.";
    error_large: "That file is too large", "Ese archivo es demasiado grande";
    error_large_line: "2 MB fit at once. Cut it in parts, such as a year each, and bring one after the other.",
        "Caben 2 MB a la vez. Pártelo, por ejemplo por años, y trae una parte tras otra.";

    preview: "Look before you import", "Mira antes de importar";
    preview_none: "Nothing has come in yet. This is what would:", "Aún no ha entrado nada. Esto es lo que entraría:";
    can_come: "Seshes to come in", "Seshes por entrar";
    cannot_come: "Rows that cannot", "Filas que no pueden";
    not_chosen: "Rows left out", "Filas fuera";
    same_file: "You took in this very file before. Importing it again would double it.",
        "Ya importaste este mismo archivo. Hacerlo otra vez lo duplicaría.";
    two_faced: "Dates such as 3/4 can be read in two ways. Check below that they are right.",
        "Fechas como 3/4 se pueden leer de dos formas. Comprueba abajo que estén bien.";
    unsure_line: "Of these, only the day is known, or clocks changed that night: they stand at noon, or right after the change.",
        "De esas solo se sabe el día, o el reloj cambió esa noche: quedan a mediodía, o justo tras el cambio.";
    throw_away: "Throw away", "Descartar";
    thrown_away: "Thrown away. Nothing of it was kept.", "Descartado. No se guardó nada.";
    first_rows: "The first ones", "Las primeras";
    bad_rows: "Rows that cannot come in", "Filas que no pueden entrar";
    bad_rows_line: "Everything else comes in without them. Mend them in a copy of your file, and bring that later.",
        "Lo demás entra sin ellas. Corrígelas en una copia de tu archivo y tráela después.";
    bad_rows_some: "The first 50 are shown here; the download has all.", "Aquí están las primeras 50; la descarga las tiene todas.";
    bad_rows_get: "Download the list (CSV)", "Descargar la lista (CSV)";
    line_number: "Line", "Línea";
    what_field: "What", "Qué";
    why: "Why", "Por qué";
    why_no_time: "No day or time that is understood", "Ningún día u hora que se entienda";
    why_too_old: "From before 1970", "De antes de 1970";
    why_future: "Lies in the future", "Está en el futuro";
    why_amount: "Not understood as an amount", "No se entiende como cantidad";
    why_scale: "Not 1 to 5", "No va de 1 a 5";
    why_long: "Too long", "Demasiado largo";
    why_many: "Too many", "Demasiados";
    read_how: "How it is read", "Cómo se lee";
    read_how_line: "These are guesses. Change what is wrong and look again.", "Son suposiciones. Cambia lo que esté mal y mira de nuevo.";
    read_again: "Look again", "Mirar de nuevo";
    columns: "Columns", "Columnas";
    no_column: "Not in this file", "No está en el archivo";
    col_date: "Day, or day and time", "Día, o día y hora";
    col_time: "Time of day", "Hora del día";
    col_method: "How", "Cómo";
    col_name: "Strain or product", "Variedad o producto";
    col_amount: "Amount", "Cantidad";
    col_rating: "Rating (1 to 5)", "Nota (1 a 5)";
    col_mood_before: "Mood before (1 to 5)", "Ánimo antes (1 a 5)";
    col_mood_after: "Mood after (1 to 5)", "Ánimo después (1 a 5)";
    col_effects: "What you felt", "Qué sentiste";
    col_notes: "Notes", "Notas";
    clocks: "Where the clocks hung", "Dónde estaban los relojes";
    clocks_hint: "Times without a zone are read in this one, as its clocks showed them on that day.",
        "Las horas sin zona se leen en esta, como las mostraban sus relojes ese día.";
    dates: "Dates", "Fechas";
    day_first: "Day first: 31/12", "Primero el día: 31/12";
    month_first: "Month first: 12/31", "Primero el mes: 12/31";
    bare: "A number without a unit is", "Un número sin unidad son";
    bare_g: "Grams", "Gramos";
    bare_mg: "Milligrams", "Miligramos";
    bare_units: "Pieces, puffs", "Piezas, caladas";
    unit_mg: "One piece or puff is, in milligrams", "Una pieza o calada son, en miligramos";
    method_else: "How, where the file does not say", "Cómo, donde el archivo no lo dice";
    which_ones: "Which of these were seshes?", "¿Cuáles eran seshes?";
    no_amount: "not known", "no se sabe";
    only_day: "only the day is known", "solo se sabe el día";
    clock_change: "clocks changed", "cambió el reloj";
    took_in: "It is in your history.", "Ya está en tu historial.";
    took_in_line: "Seshes keep the day and time they had. Nothing was taken from your stash, as all of this is past.",
        "Las seshes conservan su día y hora. Nada salió de tu reserva, porque todo esto ya pasó.";
    see_history: "See your history", "Ver tu historial";
    undo_import: "Take this import back", "Retirar esta importación";
    undo_import_line: "Every sesh it brought goes, edited or not. What you logged yourself stays.",
        "Se va cada sesh que trajo, editada o no. Lo que anotaste tú se queda.";
    import_undone_line: "Everything that this import brought is gone again.", "Todo lo que trajo esta importación se ha ido.";
    import_another: "Import another file", "Importar otro archivo";

    export: "Export", "Exportar";
    export_line: "What you wrote is yours. Take a copy whenever you like; nothing changes here.",
        "Lo que escribiste es tuyo. Llévate una copia cuando quieras; aquí no cambia nada.";
    report: "A report for your doctor", "Un informe para tu médico";
    report_line: "A few pages to print or to save as PDF: how often, how much, when, by which way, and how you felt. No notes, no prices.",
        "Unas páginas para imprimir o guardar como PDF: cuántas veces, cuánto, cuándo, de qué modo y cómo te sentiste. Sin notas ni precios.";
    report_make: "Make the report", "Hacer el informe";
    tables: "Tables for a spreadsheet (CSV)", "Tablas para una hoja de cálculo (CSV)";
    tables_line: "UTF-8 with a header. Text that a spreadsheet would take for a formula is made harmless.",
        "UTF-8 con cabecera. El texto que una hoja tomaría por fórmula queda inofensivo.";
    table_sessions: "Seshes", "Seshes";
    table_sessions_more: "A row for each thing you took: time here and in UTC, way, amount, rating, moods, effects, notes",
        "Una fila por cada cosa que tomaste: hora local y UTC, modo, cantidad, nota, ánimos, efectos, notas";
    table_stash: "Stash", "Reserva";
    table_stash_more: "A row for each jar: what it is, bought, left, price", "Una fila por frasco: qué es, comprado, queda, precio";
    table_entries: "What happened in the stash", "Qué pasó en la reserva";
    table_entries_more: "A row for each purchase, sesh, gift, count and correction", "Una fila por compra, sesh, regalo, pesada y corrección";
    table_strains: "Your own strains", "Tus variedades";
    table_strains_more: "What you wrote about strains that are not in the catalogue", "Lo que escribiste sobre variedades que no están en el catálogo";
    diary_json: "The diary as one file (JSON)", "El cuaderno en un archivo (JSON)";
    diary_json_line: "The four tables together, for programs.", "Las cuatro tablas juntas, para programas.";
    everything: "Everything about you (JSON)", "Todo sobre ti (JSON)";
    everything_line: "The diary and what is known of you: profile, devices, keys, where you signed in, and what the log says you did. It asks who you are.",
        "El cuaderno y lo que se sabe de ti: perfil, dispositivos, claves, dónde entraste y lo que el registro dice que hiciste. Pregunta quién eres.";
    download: "Download", "Descargar";
    next_part: "The “next” of the part before", "El «next» de la parte anterior";
    next_part_hint: "Leave it empty, unless a file ended with one.", "Déjalo vacío, salvo que un archivo acabara con uno.";

    report_name: "Name", "Nombre";
    report_made: "Made on", "Hecho el";
    days_30: "30 days", "30 días";
    days_90: "90 days", "90 días";
    days_365: "A year", "Un año";
    report_title: "Report", "Informe";
    report_of: "Cannabis use, as logged by the person", "Consumo de cannabis, según lo anotado por la persona";
    report_about: "This is what one person wrote down, by their own account. Amounts are as they wrote them or as labels say; where none was written, it counts as unknown and stands in no sum. It is no measurement, no diagnosis and no advice.",
        "Esto es lo que una persona anotó por su cuenta. Las cantidades son las que escribió o las de las etiquetas; donde no hay ninguna, cuenta como desconocida y no entra en ninguna suma. No es medición, diagnóstico ni consejo.";
    report_print: "Print or save as PDF", "Imprimir o guardar como PDF";
    report_print_hint: "Use your browser's Print; it fits A4 and Letter.", "Usa Imprimir en tu navegador; cabe en A4 y Carta.";
    report_days: "Days to show", "Días que mostrar";
    report_show: "Show these days", "Mostrar estos días";
    report_none: "Nothing was logged in these days.", "No se anotó nada en esos días.";
    report_range: "Choose days in order, at most 400 of them.", "Elige días en orden, 400 como mucho.";
    days_with: "Days with a sesh", "Días con sesh";
    longest_without: "Longest pause", "Pausa más larga";
    amount_known: "Amount, as far as known", "Cantidad, hasta donde se sabe";
    on_a_day: "On a day with a sesh", "En un día con sesh";
    thc_known: "THC, as far as known", "THC, hasta donde se sabe";
    items_unknown: "Without an amount", "Sin cantidad";
    by_week: "By week", "Por semana";
    by_way: "By way of taking it", "Por modo";
    by_thing: "By strain or product", "Por variedad o producto";
    by_part: "By time of day", "Por hora del día";
    part_night: "Night (0–6 h)", "Madrugada (0–6 h)";
    part_morning: "Morning (6–12 h)", "Mañana (6–12 h)";
    part_afternoon: "Afternoon (12–18 h)", "Tarde (12–18 h)";
    part_evening: "Evening (18–24 h)", "Noche (18–24 h)";
    mood: "Mood (1 low, 5 high)", "Ánimo (1 bajo, 5 alto)";
    mood_rated: "Seshes with both moods", "Seshes con ambos ánimos";
    mood_before_after: "On average, before and after", "De media, antes y después";
    mood_moves: "Better, same, worse", "Mejor, igual, peor";
    felt_often: "What was felt", "Qué se sintió";
    unnamed: "Unnamed", "Sin nombre";
    week: "Week", "Semana";

    erase: "Erase my account", "Borrar mi cuenta";
    erase_line: "At once and for good: there is no waiting time and no way back.", "Al momento y para siempre: no hay espera ni vuelta atrás.";
    erase_goes: "What goes", "Lo que se va";
    erase_goes_1: "Your seshes, stash, strains, goals, presets and imports: deleted, not hidden",
        "Tus seshes, reserva, variedades, metas, atajos e importaciones: borrados, no ocultos";
    erase_goes_2: "Your name, address, password, passkeys, generator, keys and linked accounts",
        "Tu nombre, correo, contraseña, llaves, generador, claves y cuentas enlazadas";
    erase_goes_3: "Every device is signed out, this one too, and every program you connected",
        "Se cierra cada dispositivo, este también, y cada programa que conectaste";
    erase_stays: "What stays", "Lo que se queda";
    erase_stays_1: "Lines of the audit log, with a number where you were: what happened, not to whom. The key that could read more is destroyed",
        "Líneas del registro, con un número donde estabas tú: qué pasó, no a quién. La clave que podía leer más se destruye";
    erase_stays_2: "Counts of the whole platform that name nobody", "Cuentas de toda la plataforma que no nombran a nadie";
    erase_stays_3: "The database's own backups, for 30 days; after them nobody can bring anything back",
        "Las copias de la propia base de datos, 30 días; después nadie puede recuperar nada";
    erase_first: "Take a copy first?", "¿Quieres una copia antes?";
    erase_proof: "Show once more that it is you", "Muestra una vez más que eres tú";
    erase_do: "Erase everything now", "Borrar todo ahora";
    erased: "It is done", "Ya está hecho";
    erased_line: "Your notebook is gone, and so is your name. Every device is signed out. Thank you for having written here; take care.",
        "Tu cuaderno se ha ido, y tu nombre con él. Cada dispositivo está fuera. Gracias por haber escrito aquí; cuídate.";
    erased_mail: "No mail follows, as your address is gone too. It is free: you may sign up with it again whenever you like.",
        "No llegará ningún correo: el tuyo también se ha ido. Está libre: puedes volver a registrarte con él cuando quieras.";
}
