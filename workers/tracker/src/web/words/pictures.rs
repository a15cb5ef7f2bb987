//! The texts of pictures, strains, what is left, and live updates.

super::texts::texts! {
    span: "Which days", "Qué días";
    span_month: "30 days", "30 días";
    span_quarter: "12 weeks", "12 semanas";
    span_year: "A year", "Un año";
    span_other: "Other days", "Otros días";
    span_show: "Show", "Ver";
    span_many: "More than 10,000 seshes lie in that time. Choose a shorter one.", "En ese tiempo hay más de 10 000 seshes. Elige uno más corto.";
    span_wrong: "Choose days from 1970 on, the last after the first, at most 400 days.", "Elige días desde 1970, el último tras el primero, como mucho 400 días.";
    span_empty: "Nothing was logged in these days.", "En estos días no hay nada anotado.";
    taken_in_all: "In all", "En total";
    by_day: "By day", "Por día";
    by_week: "By week", "Por semana";
    by_month: "By month", "Por mes";
    by_hour: "Time of day", "Hora del día";
    by_method: "By way", "Por modo";
    by_strain: "By strain or jar", "Por variedad o frasco";
    nameless: "Not from the stash", "No es de la reserva";
    others: "All others", "Las demás";
    month: "Month", "Mes";
    hour: "Hour", "Hora";
    method: "Way", "Modo";
    strain: "Strain", "Variedad";
    unknown: "Unknown", "Sin cantidad";
    hollow: "A hollow mark: logged, but without an amount. Nothing at all: nothing was logged.",
        "Marca hueca: anotado, pero sin cantidad. Nada de nada: no hubo nada.";
    moods: "Mood before and after", "Ánimo antes y después";
    moods_key: "Ring: before. Dot: after. From 1 to 5.", "Anillo: antes. Punto: después. De 1 a 5.";
    moods_none: "Note your mood before and after a few seshes, and this picture appears.",
        "Anota tu ánimo antes y después de unas seshes, y aparecerá esta imagen.";
    all_of_it: "All seshes", "Todas las seshes";
    before: "Before", "Antes";
    after: "After", "Después";
    felt_most: "What you felt most", "Lo que más sentiste";
    spend: "What it cost", "Lo que costó";
    spend_used: "Used", "Usado";
    spend_bought: "Bought", "Comprado";
    spend_each: "A sesh", "Por sesh";
    spend_what: "What", "Qué";
    spend_none: "Add prices to your purchases, and this picture appears.", "Añade precios a tus compras, y aparecerá esta imagen.";
    spend_line: "Used: each sesh costs its part of its jar's price.", "Usado: cada sesh cuesta su parte del precio de su frasco.";
    supply: "Days of supply", "Días de reserva";
    supply_line: "At the pace of these days, as far as amounts are known.", "Al ritmo de estos días, según las cantidades que se saben.";
    supply_none: "There is no pace to reckon with yet.", "Aún no hay un ritmo con que contar.";
    supply_now: "Now", "Ahora";
    supply_end: "Empty about", "Vacía hacia";
    supply_pace: "A day, on average", "Al día, de media";
    trend: "Amount of a sesh, week by week", "Cantidad por sesh, semana a semana";
    trend_change: "Later half against the earlier", "Segunda mitad frente a la primera";
    trend_little: "Not enough was logged to tell a change: that takes 4 weeks, and 8 seshes in either half.",
        "No hay bastante anotado para ver un cambio: hacen falta 4 semanas, y 8 seshes en cada mitad.";
    trend_none: "No sesh of these days has an amount.", "Ninguna sesh de estos días tiene cantidad.";
    trend_caveat: "Averages of what was logged, as far as amounts are known. What it was, how it was taken, and who shared it change them too. They are no measure of tolerance, and no advice.",
        "Medias de lo anotado, según las cantidades que se saben. Qué era, cómo se tomó y con quién también las cambian. No miden la tolerancia, ni son un consejo.";
    average: "Average", "Media";
    left_out: "Left out", "Sin contar";

    cost_each: "Cost of a sesh", "Coste por sesh";
    yours: "yours alone", "solo tuya";
    strain_new: "Add a strain of your own", "Añadir una variedad propia";
    strain_new_line: "Only you see it. It can be something a friend bred, or a name that only you use.",
        "Solo la ves tú. Puede ser algo que cultivó un amigo, o un nombre que solo tú usas.";
    strain_name: "Name", "Nombre";
    strain_kind: "Kind", "Clase";
    kind_unknown: "I do not know", "No lo sé";
    thc: "THC in per cent", "THC en por ciento";
    cbd: "CBD in per cent", "CBD en por ciento";
    percent_hint: "Such as 18.5", "Por ejemplo 18,5";
    issue_percent: "Write a number from 0 to 100.", "Escribe un número de 0 a 100.";
    description: "Description", "Descripción";
    words_hint: "Words, with commas between them", "Palabras, separadas por comas";
    strain_taken: "You have a strain of that name already.", "Ya tienes una variedad con ese nombre.";
    strain_added: "It is in your notebook.", "Está en tu cuaderno.";
    you_say: "What you noted of it", "Lo que anotaste de ella";
    you_say_note: "Only you see this.", "Solo lo ves tú.";
    better: "better", "mejor";
    same: "the same", "igual";
    worse: "worse", "peor";

    soon: "empty soon", "se acaba pronto";
    supply_short: "at your pace of 30 days", "a tu ritmo de 30 días";
    shelf_many: "Your newest 100 jars are shown here; all of them are in your export.",
        "Aquí ves tus 100 frascos más nuevos; todos están en tu exportación.";
    log_from: "Log a sesh from", "Anotar una sesh de";
    pieces: "How many pieces", "Cuántas piezas";
    pieces_hint: "Tablets, gummies, pre-rolls. Then you can log 2 tablets.", "Pastillas, gominolas, porros. Así puedes anotar 2 pastillas.";
    piece: "One piece is", "Una pieza es";
    thc_in_all: "THC in all of it", "THC en total";
    thc_hint: "As the label says, such as 100 mg", "Como dice la etiqueta, por ejemplo 100 mg";
    issue_pieces: "Write a whole number, such as 10.", "Escribe un número entero, como 10.";

    live_updated: "Updated: something new was logged.", "Actualizado: hay algo nuevo.";
    live_new: "Something new was logged.", "Hay algo nuevo.";
    live_show: "Show it", "Ver";
}
